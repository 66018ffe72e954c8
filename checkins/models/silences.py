from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from checkins.silence import Step


class Silence(models.Model):
    """How far it has gone with a pair of which nothing is heard (checkins.silence); each contract in force has one.

    `look_at` is when it is looked at next, and the only thing by which those to look at are found. `told_at` is when
    the step was told; `said_at` when one of the two said last that they go on.
    """

    contract = models.OneToOneField(
        "contracts.Contract", on_delete=models.CASCADE, primary_key=True, related_name="silence"
    )
    step = models.CharField(_("step"), max_length=6, choices=Step.choices, default=Step.HEARD)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    said_at = models.DateTimeField(_("said to go on at"), null=True, blank=True)
    look_at = models.DateTimeField(_("looked at next"))

    class Meta:
        verbose_name = _("silence of a pair")
        verbose_name_plural = _("silences of pairs")
        constraints = [
            models.CheckConstraint(
                condition=Q(step=Step.HEARD, told_at__isnull=True)
                | Q(step__in=[Step.ASKED, Step.PAUSED], told_at__isnull=False),
                name="silence_step_was_told",
            ),
        ]
        indexes = [models.Index(fields=["look_at"], name="silence_to_look_at")]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.step}"
