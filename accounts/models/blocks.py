from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now


class Block(models.Model):
    """One member does not want to meet another. Neither sees the other; the blocked one is not told."""

    blocker = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="blocks", verbose_name=_("blocker")
    )
    blocked = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="blocked_by", verbose_name=_("blocked")
    )
    blocked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        ordering = ["-blocked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(
                condition=~Q(blocker=F("blocked")),
                name="block_is_of_another",
                violation_error_message=_("You cannot block yourself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} × {self.blocked_id}"
