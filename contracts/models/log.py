from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


class DraftUpdate(models.Model):
    """One update of the draft that both edit, as its author sent it: bytes in, bytes out; append-only.

    `number` is the contract's head that it made. `data` is a Yjs update (version 1). `by` is empty for what came in
    from the profiles, or with an amendment. All of them, one after the other, are the draft: see docs/protocol.md.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="updates")
    number = models.PositiveIntegerField(_("number"))
    by = models.CharField(_("by"), max_length=6, choices=Side.choices, blank=True)
    data = models.BinaryField(_("update"))
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("update of a draft")
        verbose_name_plural = _("updates of drafts")
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="draftupdate_once_per_number"),
            models.CheckConstraint(condition=~Q(data=b""), name="draftupdate_says_something"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class DraftSnapshot(models.Model):
    """The updates of a draft up to the number `upto`, merged as bytes: reading begins with the newest one.

    Made from the rows and never instead of them; any of them may be thrown away.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="snapshots")
    upto = models.PositiveIntegerField(_("up to"))
    data = models.BinaryField(_("update"))
    made_at = models.DateTimeField(_("made at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("snapshot of a draft")
        verbose_name_plural = _("snapshots of drafts")
        constraints = [models.UniqueConstraint(fields=["contract", "upto"], name="draftsnapshot_once_per_number")]

    def __str__(self) -> str:
        return str(self.upto)
