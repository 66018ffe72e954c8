from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


class AuditEvent(models.Model):
    """One link of a contract's audit trail: what happened, and the hash of the link before it.

    Number, salt and hashes are the database's own; contracts/chain.py says how they are made. `payload` is canonical
    JSON of strings. When a party leaves, the payloads of what was never signed are emptied, with their salts; the
    hashes stay, so that the chain still proves. Nothing else of a row ever changes.
    """

    class Kind(models.TextChoices):
        CREATED = "created", _("created")
        OPENED = "opened", _("opened")
        CHANGED = "changed", _("changed")
        REVIEWED = "reviewed", _("reviewed")
        SIGNED = "signed", _("signed")
        VOIDED = "voided", _("signature void")
        SEALED = "sealed", _("sealed")
        SENT = "sent", _("sent")
        DOWNLOADED = "downloaded", _("downloaded")
        AMENDED = "amended", _("amended")
        SAID_DONE = "said_done", _("said that the goal is met")
        SAID_NOT_DONE = "said_not_done", _("said that there is still something to do")
        ENDED = "ended", _("ended")

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="trail")
    number = models.PositiveIntegerField(_("number"), default=0, editable=False)
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    by = models.CharField(_("by"), max_length=6, choices=Side.choices, blank=True)
    version = models.PositiveIntegerField(_("number of the version"), default=0, help_text=_("0: of none."))
    head = models.PositiveIntegerField(_("last change"), help_text=_("The contract's head at that moment."))
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    payload = models.TextField(_("what else is known"), blank=True)
    salt = models.CharField(_("salt"), max_length=64, blank=True, editable=False)
    payload_sha256 = models.CharField(_("SHA-256 of salt and payload"), max_length=64, editable=False)
    previous_sha256 = models.CharField(_("SHA-256 of the link before"), max_length=64, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)

    class Meta:
        verbose_name = _("link of the audit trail")
        verbose_name_plural = _("audit trail")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["contract", "number"], name="auditevent_once_per_number")]
        indexes = [models.Index(fields=["contract", "kind", "by", "head"], name="auditevent_of_kind")]

    def __str__(self) -> str:
        return self.get_kind_display()
