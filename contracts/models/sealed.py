from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now


class SealedFile(models.Model):
    """The sealed copy of a version that both have signed; append-only.

    `sha256` is of the file, which the database computes again. `trail_number` and `trail_head` are the last link of the
    audit trail that the copy holds: a trail that is made anew from its beginning does not fit them.
    """

    # The database's own constraint lets the copy go with its version: see the migration.
    version = models.OneToOneField(
        "contracts.Version", on_delete=models.CASCADE, related_name="sealed", db_constraint=False
    )
    pdf = models.BinaryField(_("file"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    certificate = models.CharField(_("SHA-256 of the certificate"), max_length=64, db_index=True)
    trail_number = models.PositiveIntegerField(_("last link of the trail"))
    trail_head = models.CharField(_("SHA-256 of that link"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("sealed copy")
        verbose_name_plural = _("sealed copies")
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="sealedfile_sha256_is_hex"),
            models.CheckConstraint(
                condition=Q(certificate__regex=r"^[0-9a-f]{64}$"), name="sealedfile_has_certificate"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256
