from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side


class Tick(models.Model):
    """One point of the agenda of a meeting that the two have been through; without a row it is still to come."""

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="ticks")
    on = models.DateField(_("meeting"))
    point = models.CharField(_("point"), max_length=20)
    side = models.CharField(_("ticked off by"), max_length=6, choices=Side.choices)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("point that was ticked off")
        verbose_name_plural = _("points that were ticked off")
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["contract", "on", "point"], name="tick_once_per_point")]

    def __str__(self) -> str:
        return f"{self.on}: {self.point}"
