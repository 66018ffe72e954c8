from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side

if TYPE_CHECKING:
    from accounts.models import User


class PushQuerySet(models.QuerySet["Push"]):
    def sent(self) -> "PushQuerySet":
        return self.filter(state=Push.State.SENT)

    def owned_by(self, member: "User") -> "PushQuerySet":
        return self.filter(author=member)


class Push(models.Model):
    """What one party said to the other in a low or silent time, or that they would rather not say anything now.

    `side` is the party that pushes, `on` the last of the meetings that gave the reason, `stretch_on` the first day of
    the stretch in which that was: one push in each.
    """

    LONGEST = 2000

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        LEFT = "left", _("Left for now")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="pushes")
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="pushes", verbose_name=_("author")
    )
    state = models.CharField(_("state"), max_length=4, choices=State.choices)
    on = models.DateField(_("after the meeting"))
    stretch_on = models.DateField(_("in the stretch from"))
    words = models.TextField(_("in words"), blank=True)
    said_at = models.DateTimeField(_("said at"), db_default=Now(), editable=False)

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        ordering = ["said_at"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "side", "on"], name="push_once_per_reason"),
            models.UniqueConstraint(
                fields=["contract", "side", "stretch_on"], condition=Q(state="sent"), name="push_once_a_stretch"
            ),
            models.CheckConstraint(
                condition=Q(state="sent") & ~Q(words="") | Q(state="left", words=""),
                name="push_sent_has_words",
                violation_error_message=_("Write a few words."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} ({self.side})"
