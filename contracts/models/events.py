from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


class Event(models.Model):
    """One move of a contract, which its letters and limits ask for; append-only.

    It goes with what a party who leaves has never signed. What proves what happened is the chain of AuditEvent.
    """

    class Kind(models.TextChoices):
        STARTED = "started", _("started the draft")
        SIGNED = "signed", _("signed")
        SIGNATURE_VOIDED = "signature_voided", _("changed the text, which made the signature void")
        SIGNATURE_TAKEN_BACK = "signature_taken_back", _("took the signature back")
        IN_FORCE = "in_force", _("The version came into force")
        TAKEN_BACK = "taken_back", _("took the draft back")
        AMENDING = "amending", _("began an amendment")
        AMENDMENT_TAKEN_BACK = "amendment_taken_back", _("took the amendment back")
        SAID_DONE = "said_done", _("said that the goal is met")
        SAID_NOT_DONE = "said_not_done", _("said that there is still something to do")
        DONE = "done", _("Both said that the goal is met: the contract is done")
        PARTED = "parted", _("The two parted")
        FELL_SILENT = "fell_silent", _("Closed with thanks, after a long silence")
        LEFT = "left", _("left Peermentor")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    by = models.CharField(_("by"), max_length=6, choices=Side.choices, blank=True)
    version = models.ForeignKey(
        "contracts.Version",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version"),
    )
    head = models.PositiveIntegerField(_("last change"), help_text=_("The contract's head at that moment."))
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["contract", "number"], name="event_once_per_number")]

    def __str__(self) -> str:
        return self.get_kind_display()
