from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now

from .showing import circles, known, shown_to_field

if TYPE_CHECKING:
    from .users import User


class Horizon(models.TextChoices):
    SHORT = "short", _("About a month")
    LONG = "long", _("About a year")


class GoalQuerySet(models.QuerySet["Goal"]):
    def owned_by(self, member: "User") -> "GoalQuerySet":
        return self.filter(member=member)

    def shown(self, *, is_introduced: bool) -> "GoalQuerySet":
        """Those that somebody else reads, who is introduced to their member or not."""
        return self.filter(shown_to__in=circles(is_introduced=is_introduced))

    def current(self) -> "GoalQuerySet":
        return self.filter(ended_at__isnull=True)


class Goal(models.Model):
    """What a member wants, with a horizon, a date and an indicator."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        LET_GO = "let_go", _("Let go")

    member = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="goals", verbose_name=_("member")
    )
    horizon = models.CharField(_("horizon"), max_length=5, choices=Horizon.choices)
    text = models.TextField(_("goal"), max_length=500)
    indicator = models.TextField(_("how you will know when you are there"), max_length=300, blank=True)
    due_on = models.DateField(_("by when"), null=True, blank=True)
    part_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="bites",
        verbose_name=_("part of the year's goal"),
    )
    shown_to = shown_to_field(_("who sees it"))
    set_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, editable=False)

    objects = GoalQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["-ended_at", "-id"]
        constraints = [
            known("goal", "shown_to"),
            models.UniqueConstraint(
                fields=["member", "horizon"],
                condition=Q(ended_at__isnull=True),
                name="goal_one_current_per_horizon",
                violation_error_message=_("You have a goal of this length already. Change it, or finish it first."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="goal_ended_has_outcome",
                violation_error_message=_("A goal that has ended was reached, or let go."),
            ),
            models.CheckConstraint(
                condition=Q(part_of__isnull=True) | (Q(horizon=Horizon.SHORT) & ~Q(part_of=F("id"))),
                name="goal_bite_is_short",
                violation_error_message=_("Only a goal of about a month can be part of a longer one."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
