from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now


class Draft(models.Model):
    """What a member typed into a form and has not sent yet, so that it is there when they come back.

    Without values nothing is kept: the row remembers for a day which page the form was sent from, since what was typed
    there may still be on its way.
    """

    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="drafts", verbose_name=_("member")
    )
    form = models.CharField(_("form"), max_length=40)
    values = models.JSONField(_("values"), default=dict)
    sent_from = models.CharField(max_length=40, blank=True, default="", editable=False)
    saved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        constraints = [models.UniqueConstraint(fields=["member", "form"], name="draft_one_per_form")]

    def __str__(self) -> str:
        return self.form
