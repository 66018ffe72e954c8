from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now

if TYPE_CHECKING:
    from accounts.models import User


class PresenceQuerySet(models.QuerySet["Presence"]):
    def owned_by(self, member: "User") -> "PresenceQuerySet":
        return self.filter(member=member)


class Presence(models.Model):
    """When a member last said, asked because they let invitations lapse, whether they are here."""

    member = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="presence", verbose_name=_("member")
    )
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")

    def __str__(self) -> str:
        return str(self.member_id)
