import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now


def new_token() -> str:
    """Return 256 random bits as text for an address."""
    return secrets.token_urlsafe(32)


class CalendarFeed(models.Model):
    """The private address under which a member's calendar reads their meetings: whoever knows the token reads them.

    `content_sha256` is the hash of what was read last, and `changed_at` since when it is that.
    """

    member = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, related_name="calendar_feed", verbose_name=_("member")
    )
    token = models.CharField(_("token"), max_length=64, unique=True, default=new_token, editable=False)
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)
    last_asked_at = models.DateTimeField(_("last asked at"), null=True, blank=True, editable=False)
    content_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("address of a calendar")
        verbose_name_plural = _("addresses of calendars")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(token__regex=r"^[A-Za-z0-9_-]{22,}$"),  # noqa: S106
                name="calendar_feed_token_is_long",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"
