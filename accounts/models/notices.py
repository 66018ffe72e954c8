from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now


class Notice(models.Model):
    """Something the application tells a person by mail: due at an instant, kept as a row, sent once.

    The row is written in the transaction of the fact that it tells. `key` is unique for ever and makes the Message-ID,
    so that a mail which does go out twice says so. `claim` is the fence: only its holder may mark the row.

    Several may go out as one mail. Then one of them leads: its key makes the Message-ID, it is claimed with all that
    follow it, and they are marked together. `leader` is written when the group is made and stays until it is sent.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    key = models.CharField(_("key"), max_length=200)
    kind = models.CharField(_("kind"), max_length=60)
    member = models.ForeignKey(
        "accounts.User",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name=_("member"),
    )
    address = models.EmailField(_("address"), max_length=254)
    context = models.JSONField(_("context"), default=dict, help_text=_("What the mail needs; emptied once it is sent."))
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    expires_at = models.DateTimeField(_("expires at"))
    next_attempt_at = models.DateTimeField(_("next attempt at"), db_default=Now())
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    faults = models.PositiveSmallIntegerField(
        _("faults"), default=0, help_text=_("Attempts in a row that ended without an answer from the mail server.")
    )
    joins = models.BooleanField(
        _("joins"), default=False, db_default=False, help_text=_("Goes out in one mail with others of its member.")
    )
    leader = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("goes with"),
        db_index=False,  # notice_followers holds the few that have one
    )
    lease_until = models.DateTimeField(_("lease until"), null=True, blank=True)
    claim = models.UUIDField(_("claim"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    # What its family has read for it ahead, with others of its batch (see accounts.notices.register).
    prepared: Any = None

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="notice_once_per_key"),
            models.CheckConstraint(
                condition=Q(state="sending", claim__isnull=False, lease_until__isnull=False)
                | (~Q(state="sending") & Q(claim__isnull=True, lease_until__isnull=True)),
                name="notice_sending_has_claim",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notice_sent_has_instant",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="pending", leader__isnull=True),
                name="notice_due",
            ),
            models.Index(
                fields=["member", "next_attempt_at", "id"],
                condition=Q(state="pending", leader__isnull=True, joins=True),
                name="notice_joining",
            ),
            models.Index(fields=["leader"], condition=Q(leader__isnull=False), name="notice_followers"),
            models.Index(fields=["-due_at"], condition=Q(state="failed"), name="notice_failed"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="notice_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.address}"
