from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """What of a contract is planned to be told, and on what grounds: a contract whose grounds stand is left alone.

    `until` is how far ahead was planned; `grounds` is what it was planned from, besides meetings that were changed (who
    changes one plans again at once); `keys` are those of the notices.
    """

    contract = models.OneToOneField(
        "contracts.Contract", on_delete=models.CASCADE, primary_key=True, related_name="plan"
    )
    until = models.DateTimeField(_("planned until"))
    grounds = models.CharField(_("grounds"), max_length=300)
    keys = ArrayField(models.CharField(max_length=200), default=list, verbose_name=_("keys of notices"))

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return f"{self.contract_id}"
