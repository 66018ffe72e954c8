from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from contracts.lifecycle import Side
from contracts.stretches import Outcome

LONGEST_WORDS = 600


class StretchReview(models.Model):
    """How one party looks back on the stretch of one version.

    It is no part of what is signed. The other reads it once both have sent theirs, or when the stretch is closed: then
    it does not change any more.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="reviews")
    version = models.ForeignKey("contracts.Version", on_delete=models.CASCADE, related_name="reviews")
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    outcome = models.CharField(_("what came of my goal"), max_length=10, choices=Outcome.choices)
    learned = models.TextField(_("what I learned"), max_length=LONGEST_WORDS, blank=True)
    otherwise = models.TextField(_("what I would do otherwise"), max_length=LONGEST_WORDS, blank=True)
    thanks = models.TextField(_("thanks to the other"), max_length=LONGEST_WORDS, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("closing review")
        verbose_name_plural = _("closing reviews")
        ordering = ["version", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "side"],
                name="stretch_review_once_per_party",
                violation_error_message=_("You have looked back on this stretch already."),
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="stretch_review_is_of_a_party"),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values),
                name="stretch_review_says_what_came_of_it",
                violation_error_message=_("Say what came of your goal."),
            ),
        ]
        indexes = [models.Index(fields=["contract", "version"], name="stretch_review_of_contract")]

    def __str__(self) -> str:
        return self.get_outcome_display()
