from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now

if TYPE_CHECKING:
    from accounts.models import User


class MarkQuerySet(models.QuerySet["Mark"]):
    def owned_by(self, member: "User") -> "MarkQuerySet":
        return self.filter(member=member)


class Mark(models.Model):
    """A member keeps another in mind, or does not want to be suggested them. Nobody else learns of it."""

    class Kind(models.TextChoices):
        KEPT = "kept", _("Kept for later")
        DISMISSED = "dismissed", _("Not for me")

    member = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="marks")
    other = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("mark")
        verbose_name_plural = _("marks")
        ordering = ["-marked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "other"], name="mark_once"),
            models.CheckConstraint(condition=~Q(member=F("other")), name="mark_is_of_another"),
            models.CheckConstraint(condition=Q(kind__in=["kept", "dismissed"]), name="mark_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.other_id}"
