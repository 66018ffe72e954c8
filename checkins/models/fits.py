from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from checkins.fitting import Answer
from contracts.lifecycle import Side

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_WORDS = 1000


class FitAnswerQuerySet(models.QuerySet["FitAnswer"]):
    def owned_by(self, member: "User") -> "FitAnswerQuerySet":
        return self.filter(author=member)


class FitAnswer(models.Model):
    """What one party says, for themselves alone, when asked whether it is a good fit.

    `question` is its number, from 1. The other never reads it. `shared_at` is when both had said yes: that both hear,
    and it stays so for this question, whatever either answers afterwards.
    """

    contract = models.ForeignKey("contracts.Contract", on_delete=models.CASCADE, related_name="fit_answers")
    question = models.PositiveSmallIntegerField(_("question"))
    side = models.CharField(_("party"), max_length=6, choices=Side.choices)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="fit_answers", verbose_name=_("author")
    )
    says = models.CharField(_("is it a good fit?"), max_length=6, choices=Answer.choices)
    words = models.TextField(_("words for myself"), max_length=LONGEST_WORDS, blank=True)
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)
    shared_at = models.DateTimeField(_("both had said yes at"), null=True, blank=True, editable=False)

    objects = FitAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer about the fit")
        verbose_name_plural = _("answers about the fit")
        ordering = ["contract", "question", "side"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "question", "side"], name="fit_answer_once_per_party"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="fit_answer_is_of_a_party"),
            models.CheckConstraint(condition=Q(question__gte=1), name="fit_answer_question_counts_from_1"),
            models.CheckConstraint(
                condition=Q(says__in=Answer.values),
                name="fit_answer_says_one_of_three",
                violation_error_message=_("Choose one of the three answers."),
            ),
        ]
        indexes = [models.Index(fields=["at"], name="fit_answer_by_day")]

    def __str__(self) -> str:
        return f"{self.contract_id}: {self.question} ({self.side})"
