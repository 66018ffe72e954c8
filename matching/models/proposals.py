import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from accounts.models import Block, Profile
from matching.models.introductions import Introduction
from matching.proposing import Answer, Party, Standing, State

if TYPE_CHECKING:
    from accounts.models import User

MOST_NOTE = 1000
# So long those who said yes still see that nothing came of it.
STAYS_FOR = dt.timedelta(days=30)


def _answer() -> models.CharField:
    return models.CharField(max_length=3, choices=Answer.choices, default=Answer.NONE, blank=True)


def _answered_has_instant(side: str) -> models.CheckConstraint:
    is_answered, has_instant = ~Q(**{f"{side}_answer": ""}), Q(**{f"{side}_answered_at__isnull": False})
    return models.CheckConstraint(
        condition=(is_answered & has_instant) | (~is_answered & ~has_instant),
        name=f"proposal_{side}_answered_has_instant",
    )


def _has_said(member: "User", answer: Answer) -> Q:
    return Q(first=member, first_answer=answer) | Q(second=member, second_answer=answer)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, member: "User") -> "ProposalQuerySet":
        """Those of which the member is one of the three; none with a block between them and another of the three.

        A block between the two others is theirs, and shows nowhere.
        """
        blocks = Block.objects.filter(
            Q(blocker=member) & self._is_of_the_three("blocked") | Q(blocked=member) & self._is_of_the_three("blocker")
        )
        mine = Q(proposer=member) | Q(first=member) | Q(second=member)
        return self.filter(mine).exclude(Exists(blocks))

    def asking(self, member: "User") -> "ProposalQuerySet":
        """Those that ask the member whether they would like to meet somebody; `other_member` is whom."""
        other = Case(When(first=member, then=F("second")), default=F("first"))
        asked = Q(first=member) | Q(second=member)
        return self.visible_to(member).filter(asked).alias(other_member=other)

    def open_to(self, member: "User") -> "ProposalQuerySet":
        """Those that the member may answer: standing, from somebody who is here, about somebody whom they may meet."""
        return self.asking(member).filter(self._is_open_to(member))

    def unanswered_by(self, member: "User") -> "ProposalQuerySet":
        return self.filter(_has_said(member, Answer.NONE))

    def shown_to(self, member: "User") -> "ProposalQuerySet":
        """Those that the member may answer, and those to which they said yes and nothing came of it lately."""
        lately = ~Q(state=State.MET) & Q(lapses_at__gt=Now() - STAYS_FOR)
        said_yes = _has_said(member, Answer.YES) & lately
        return self.asking(member).filter(self._is_open_to(member) | said_yes)

    def between(self, one: "User", other: "User") -> "ProposalQuerySet":
        return self.filter(first_id=min(one.pk, other.pk), second_id=max(one.pk, other.pk))

    def with_people(self) -> "ProposalQuerySet":
        return self.select_related("proposer__profile", "first__profile", "second__profile")

    @staticmethod
    def _is_open_to(member: "User") -> Q:
        theirs = Profile.objects.others_for(member).filter(pk=OuterRef("other_member"))
        return Q(Exists(theirs), state=State.ASKED, lapses_at__gt=Now(), proposer__is_active=True)

    @staticmethod
    def _is_of_the_three(field: str) -> Q:
        return Q(**{field: OuterRef("proposer")}) | Q(**{field: OuterRef("first")}) | Q(**{field: OuterRef("second")})


class Proposal(models.Model):
    """A member who knows two others proposes them to each other, and asks each privately.

    `first` is the one of the two with the lower id, which says nothing else. What one of them answers is theirs alone:
    the others learn of two yeses, and of nothing else.
    """

    proposer = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="proposals_made")
    first = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    first_note = models.TextField(max_length=MOST_NOTE)
    second_note = models.TextField(max_length=MOST_NOTE)
    first_answer = _answer()
    second_answer = _answer()
    first_answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    second_answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    lapses_at = models.DateTimeField(editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    introduction = models.OneToOneField(
        Introduction, on_delete=models.SET_NULL, null=True, blank=True, related_name="proposal"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first__lt=F("second")) & ~Q(proposer=F("first")) & ~Q(proposer=F("second")),
                name="proposal_is_of_three",
                violation_error_message=_("Choose two different people."),
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(state="asked"),
                name="proposal_one_asked_per_pair",
                violation_error_message=_("You cannot introduce these two now."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values, first_answer__in=Answer.values, second_answer__in=Answer.values),
                name="proposal_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="met", first_answer="yes", second_answer="yes")
                | (~Q(state="met") & ~Q(first_answer="yes", second_answer="yes")),
                name="proposal_two_yeses_are_a_meeting",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", ended_at__isnull=True) | (~Q(state="asked") & Q(ended_at__isnull=False)),
                name="proposal_ended_has_instant",
            ),
            _answered_has_instant("first"),
            _answered_has_instant("second"),
        ]
        indexes = [models.Index(fields=["lapses_at"], condition=Q(state="asked"), name="proposal_lapsing")]

    def __str__(self) -> str:
        return f"{self.proposer_id}: {self.first_id} + {self.second_id}"

    def get_absolute_url(self) -> str:
        return reverse("proposal", args=[self.pk])

    def party_of(self, user: "User") -> Party:
        """Return which of the three `user` is. Only for one of them."""
        return next(party for party in Party if getattr(self, f"{party}_id") == user.pk)

    def other(self, user: "User") -> "User":
        """Return whom `user` is asked to meet. Only for one of the two who are asked."""
        return self.second if user.pk == self.first_id else self.first

    def note_for(self, user: "User") -> str:
        return self.first_note if user.pk == self.first_id else self.second_note

    def answer_of(self, user: "User") -> Answer:
        """Return what `user` has said. Only for one of the two who are asked."""
        return Answer(self.first_answer if user.pk == self.first_id else self.second_answer)

    @property
    def standing(self) -> Standing:
        """Where it stands as the row says; `standing_at` knows what the clock says to that."""
        return Standing(State(self.state), Answer(self.first_answer), Answer(self.second_answer))

    def standing_at(self, now: dt.datetime) -> Standing:
        """Return where it stands at this instant."""
        return replace(self.standing, state=State.LAPSED) if self.has_run_out(now) else self.standing

    def has_run_out(self, now: dt.datetime) -> bool:
        """Whether its time is over, whether or not the task has marked it."""
        return self.state == State.ASKED and self.lapses_at <= now


class ProposalChoice(models.Model):
    """Whether others may propose a member to each other. Without a row they may."""

    member = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, primary_key=True, related_name="proposal_choice"
    )
    may_be_proposed = models.BooleanField(_("others may introduce me"), default=True)

    class Meta:
        verbose_name = _("choice about proposals")
        verbose_name_plural = _("choices about proposals")

    def __str__(self) -> str:
        return str(self.member_id)
