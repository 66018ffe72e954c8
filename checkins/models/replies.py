from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side

if TYPE_CHECKING:
    from accounts.models import User


class ReplyQuerySet(models.QuerySet["Reply"]):
    def owned_by(self, member: "User") -> "ReplyQuerySet":
        return self.filter(author=member)


class Reply(models.Model):
    """What one party answers to the other's check-in: a cheer, a few words, or both.

    `on` names the meeting, `side` the party that replies. There is one for each check-in.
    """

    LONGEST = 600

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="replies")
    on = models.DateField(_("meeting"))
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="replies", verbose_name=_("author")
    )
    is_cheer = models.BooleanField(_("a cheer"), default=False)
    words = models.TextField(_("in words"), blank=True)
    said_at = models.DateTimeField(_("said at"), db_default=Now(), editable=False)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply to a check-in")
        verbose_name_plural = _("replies to check-ins")
        ordering = ["on", "side"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "on", "side"], name="reply_once_per_check_in"),
            models.CheckConstraint(
                condition=Q(is_cheer=True) | ~Q(words=""),
                name="reply_says_something",
                violation_error_message=_("Write a few words, or cheer."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} ({self.side})"
