from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


def fingerprint(sha256: str) -> str:
    """Return a hash as people compare it: the first sixteen of its digits, in fours."""
    return " ".join(sha256[at : at + 4] for at in range(0, 16, 4))


class Edit(models.Model):
    """What one party made of one part of the draft, read out of the updates; append-only.

    `number` is that of the party's last update of the part within a minute; `content` is the part after it, null when
    it was taken out; `position` is its place among its like. `by` is empty for what came in from the profiles.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField(_("number"))
    key = models.CharField(_("part"), max_length=60)
    content = models.JSONField(_("content"), null=True)
    position = models.CharField(_("position"), max_length=200, blank=True, default="", db_default="")
    by = models.CharField(_("by"), max_length=6, choices=Side.choices, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        constraints = [models.UniqueConstraint(fields=["contract", "number", "key"], name="edit_once_per_number")]
        indexes = [models.Index(fields=["contract", "key", "-number"], name="edit_latest_of_part")]

    def __str__(self) -> str:
        return f"{self.key} ({self.number})"


class Version(models.Model):
    """A frozen, numbered, hashed text of a contract: what is signed. It never changes.

    `text` is canonical JSON (RFC 8785), `sha256` the hash of its UTF-8 bytes, which the database computes again.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    head = models.PositiveIntegerField(_("last change"), help_text=_("The contract's head when it was frozen."))
    text = models.TextField(_("canonical text"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    frozen_at = models.DateTimeField(_("frozen at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="version_once_per_number"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="version_sha256_is_hex"),
        ]
        indexes = [models.Index(fields=["sha256"], name="version_of_fingerprint")]

    def __str__(self) -> str:
        return _("version %(number)s") % {"number": self.number}

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.sha256)


class Signature(models.Model):
    """One party's consent to one version; append-only.

    What ends it (an edit, the signer taking it back) is an event, and the contract's head going on.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="signatures")
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    sha256 = models.CharField(_("SHA-256 of what was shown"), max_length=64)
    typed_name = models.CharField(_("name, as typed"), max_length=80)
    consent = models.TextField(_("what was consented to"))
    signed_at = models.DateTimeField(_("signed at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "side"],
                name="signature_once_per_party",
                violation_error_message=_("You have signed this text already."),
            ),
            models.CheckConstraint(condition=~Q(typed_name=""), name="signature_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.typed_name
