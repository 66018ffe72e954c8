from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now

if TYPE_CHECKING:
    from accounts.models import User


class Often(models.TextChoices):
    """How often a member is told of people who newly fit, at the most."""

    WEEK = "week", _("At most once a week")
    DAY = "day", _("At most once a day")


class WatchQuerySet(models.QuerySet["Watch"]):
    def owned_by(self, member: "User") -> "WatchQuerySet":
        return self.filter(member=member)


class Watch(models.Model):
    """A member would like to be told when somebody fits. `told_at` is when they were last told."""

    member = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="watch", verbose_name=_("member")
    )
    often = models.CharField(_("how often"), max_length=4, choices=Often.choices, default=Often.WEEK)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        constraints = [models.CheckConstraint(condition=Q(often__in=["week", "day"]), name="watch_often_is_known")]

    def __str__(self) -> str:
        return f"{self.member_id}, {self.often}"


class Shown(models.Model):
    """Whom a member with a watch has been shown, or told of: of them they need not be told (again)."""

    member = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    shown_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("shown")
        verbose_name_plural = _("shown")
        constraints = [
            models.UniqueConstraint(fields=["member", "other"], name="shown_once"),
            models.CheckConstraint(condition=~Q(member=F("other")), name="shown_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.other_id}"
