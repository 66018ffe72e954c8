import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Least
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.clock import Now
from accounts.models import Block, Profile
from matching.lifecycle import ACCEPTED, ENDED, OPEN, Move, Side, Standing, State

if TYPE_CHECKING:
    from accounts.models import User

ENDED_STATES = [state.value for state in ENDED]
OPEN_STATES = [state.value for state in OPEN]


def _values_in_range(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(every_weeks__in=[1, 2], minutes__range=(15, 180), weeks__range=(4, 52)),
        name=f"{name}_rhythm_is_in_range",
        violation_error_message=_("Meet every one or two weeks, for 15 to 180 minutes, over 4 to 52 weeks."),
    )


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def visible_to(self, member: "User") -> "IntroductionQuerySet":
        """Those that the member is part of; a pair with a block either way has none."""
        blocks = Block.objects.filter(
            Q(blocker=OuterRef("inviter"), blocked=OuterRef("invited"))
            | Q(blocker=OuterRef("invited"), blocked=OuterRef("inviter"))
        )
        return self.filter(Q(inviter=member) | Q(invited=member)).exclude(Exists(blocks))

    def between(self, one: "User", other: "User") -> "IntroductionQuerySet":
        return self.filter(Q(inviter=one, invited=other) | Q(inviter=other, invited=one))

    def standing(self) -> "IntroductionQuerySet":
        """Those that are sent and have not lapsed, and those that are accepted."""
        return self.filter(Q(state=State.ACCEPTED) | Q(state=State.SENT, lapses_at__gt=Now()))

    def accepted(self) -> "IntroductionQuerySet":
        """Those of two who talk, or have talked."""
        return self.filter(accepted_at__isnull=False)

    def open_between(self, one: "User", other: "User") -> "Introduction | None":
        """Return the introduction that is open between the two, if there is one. There is never a second."""
        return self.standing().between(one, other).with_people().first()

    def are_introduced(self, one: "User", other: "User") -> bool:
        """Whether the two have said yes to each other, and neither has closed it."""
        return self.between(one, other).filter(state=State.ACCEPTED).exists()

    def with_people(self) -> "IntroductionQuerySet":
        return self.select_related("inviter__profile", "invited__profile")


class Introduction(models.Model):
    """The invitation of one member to another, and the conversation that follows.

    `every_weeks`, `minutes` and `weeks` are the rhythm that is on the table now, and `rhythm_by` says whose proposal it
    is. `turn_of` says whose move it is while it is sent. `moves` counts the moves, so that nobody answers to what they
    have not seen.
    """

    inviter = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="introductions_sent")
    invited = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="introductions_received")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SENT)
    every_weeks = models.PositiveSmallIntegerField(_("every so many weeks"), default=1)
    minutes = models.PositiveSmallIntegerField(_("minutes a meeting"), default=60)
    weeks = models.PositiveSmallIntegerField(_("weeks in all"), default=8)
    rhythm_by = models.CharField(max_length=7, choices=Side.choices, default=Side.INVITER)
    turn_of = models.CharField(max_length=7, choices=Side.choices, default=Side.INVITED)
    moves = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(db_default=Now(), editable=False)
    moved_at = models.DateTimeField(db_default=Now(), editable=False)
    lapses_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    decline_reason = models.TextField(max_length=1000, blank=True)
    is_reason_private = models.BooleanField(default=False)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        ordering = ["-moved_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(inviter=F("invited")),
                name="introduction_is_of_two",
                violation_error_message=_("You cannot invite yourself."),
            ),
            models.UniqueConstraint(
                Least("inviter", "invited"),
                Greatest("inviter", "invited"),
                condition=Q(state__in=OPEN_STATES),
                name="introduction_one_open_per_pair",
                violation_error_message=_("An introduction between you two is open already."),
            ),
            _values_in_range("introduction"),
            models.CheckConstraint(
                condition=Q(state__in=State.values, turn_of__in=Side.values, rhythm_by__in=Side.values),
                name="introduction_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED_STATES, ended_at__isnull=False)
                | Q(state__in=OPEN_STATES, ended_at__isnull=True),
                name="introduction_ended_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.ACCEPTED, State.CLOSED], accepted_at__isnull=False)
                | (~Q(state__in=[State.ACCEPTED, State.CLOSED]) & Q(accepted_at__isnull=True)),
                name="introduction_accepted_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state=State.DECLINED) | Q(decline_reason="", is_reason_private=False),
                name="introduction_reason_is_of_a_decline",
            ),
        ]
        indexes = [
            models.Index(fields=["lapses_at"], condition=Q(state="sent"), name="introduction_lapsing"),
            # Who lets invitations lapse (matching.silence).
            models.Index(fields=["invited", "ended_at"], condition=Q(state="lapsed"), name="introduction_lapsed"),
        ]

    def __str__(self) -> str:
        return f"{self.inviter_id} → {self.invited_id}"

    def get_absolute_url(self) -> str:
        return reverse("introduction", args=[self.pk])

    def is_party(self, user: "User") -> bool:
        return user.pk in (self.inviter_id, self.invited_id)

    def side_of(self, user: "User") -> Side:
        """Return which of the two `user` is. Only for a party."""
        return Side.INVITER if user.pk == self.inviter_id else Side.INVITED

    def member(self, side: str) -> "User":
        return self.inviter if side == Side.INVITER else self.invited

    def other(self, user: "User") -> "User":
        """Return the other of the two. Only for a party."""
        return self.member(self.side_of(user).other)

    @property
    def standing(self) -> Standing:
        """Where it stands as the row says; `standing_at` knows what the clock says to that."""
        if self.state == State.SENT:
            return Standing(State.SENT, Side(self.turn_of), Side(self.rhythm_by))
        return ENDED.get(State(self.state), ACCEPTED)

    def has_run_out(self, now: dt.datetime) -> bool:
        """Whether nobody moved in time. It has lapsed then, whether or not the task has marked it."""
        return self.state == State.SENT and self.lapses_at <= now

    def standing_at(self, now: dt.datetime) -> Standing:
        """Return where it stands at this instant."""
        return ENDED[State.LAPSED] if self.has_run_out(now) else self.standing

    @property
    def rhythm(self) -> tuple[int, int, int]:
        return self.every_weeks, self.minutes, self.weeks


class IntroductionMove(models.Model):
    """One move of an introduction, as it was made. A trigger refuses to change it.

    `by` is which of the two moved, "" for neither; `author` is that member, whose words they are.
    """

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="story")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Move.choices)
    by = models.CharField(max_length=7, choices=Side.choices, blank=True)
    author = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, null=True, blank=True, related_name="introduction_moves"
    )
    text = models.TextField(max_length=2000, blank=True)
    every_weeks = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    weeks = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("move of an introduction")
        verbose_name_plural = _("moves of introductions")
        ordering = ["introduction", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["introduction", "number"],
                name="introduction_move_once",
                violation_error_message=_("Something else came in between. Look at the page again."),
            ),
            models.CheckConstraint(
                condition=Q(by="", author__isnull=True) | Q(by__in=Side.values, author__isnull=False),
                name="introduction_move_has_author",
            ),
            models.CheckConstraint(condition=Q(kind__in=Move.values), name="introduction_move_is_known"),
            _values_in_range("introduction_move"),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id}.{self.number} {self.kind}"

    @property
    def profile(self) -> Profile | None:
        return self.author.profile if self.author else None
