"""A ranked proposal of a partner with its reasons, in the words and the clock of the one who reads it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts import languages, week
from accounts.models import Listing, Profile, User
from accounts.models.listings import Importance, Level
from accounts.prepared import AboutMember
from matching.models import Introduction
from matching.ranking import ANYONE, Fit, Rank, Wishes, rank

# A partner rarely covers all that one needs: see the share of each word among the fits of the demo community in
# docs/decisions/0008-the-fit-is-a-word.md.
STRONG, GOOD = 0.4, 0.25


@dataclass(frozen=True)
class Match:
    """One topic that goes from one member to the other: the offer, and the need that it serves."""

    offer: Listing
    need: Listing

    @property
    def worth(self) -> int:
        return (self.need.importance or 0) * (self.offer.level or 0)


@dataclass
class Suggestion:
    """A partner with what each gives the other and when both are free; `spans` are in the reader's wall clock."""

    profile: Profile
    fit: Fit
    score: float
    my_gain: float
    their_gain: float
    gives: list[Match] = field(default_factory=list)
    learns: list[Match] = field(default_factory=list)
    uncovered: list[Listing] = field(default_factory=list)
    spans: list[week.Span] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)

    @property
    def fit_word(self) -> str:
        """How well the two complement each other, as a word."""
        if self.fit is Fit.HELPS_ME:
            return _("Could help you")
        if self.fit is Fit.HELPED_BY_ME:
            return _("You could help")
        if self.fit is Fit.NONE:
            return _("No exchange yet")
        if self.score >= STRONG:
            return _("Strong fit")
        return _("Good fit") if self.score >= GOOD else _("Worth a chat")

    @property
    def grade(self) -> str:
        """The drawing that goes with the word: strong, good or some."""
        if self.fit is not Fit.MUTUAL or self.score < GOOD:
            return "some"
        return "strong" if self.score >= STRONG else "good"

    @property
    def gives_topics(self) -> list[str]:
        return [match.offer.in_full for match in self.gives]

    @property
    def learns_topics(self) -> list[str]:
        return [match.need.in_full for match in self.learns]

    @property
    def more_gives(self) -> int:
        """How many topics stand behind the three of a card."""
        return max(len(self.gives) - 3, 0)

    @property
    def more_learns(self) -> int:
        return max(len(self.learns) - 3, 0)

    @property
    def more_spans(self) -> int:
        """How many more times there are than the first."""
        return max(len(self.spans) - 1, 0)

    @property
    def hours_in_common(self) -> int:
        """Whole hours a week in which both are free."""
        return week.minutes(self.spans) // 60

    @property
    def reasons(self) -> list[str]:
        """Why these two, in sentences; each can be checked on the two profiles."""
        name = self.profile.first_name
        sentences = []
        if self.gives:
            sentences.append(_reason_to_receive(name, self.gives[0]))
        if self.learns:
            sentences.append(_reason_to_give(name, self.learns[0]))
        return sentences

    @property
    def obstacles(self) -> list[str]:
        """What keeps the two from fitting, in sentences; none when they fit in some way."""
        if self.fit is not Fit.NONE:
            return []
        words = {"name": self.profile.first_name}
        sentences = []
        if not self.gives and not self.learns:
            sentences.append(_("As your lists stand, nothing that one of you offers is what the other needs."))
        if not self.languages:
            sentences.append(_("You and %(name)s have named no language in common.") % words)
        if not self.spans:
            sentences.append(_("There is no hour of the week in which you are both free."))
        return sentences


def suggest(
    viewer: User, wishes: Wishes = ANYONE, *, mutual: int = 50, one_way: int = 6, without: Collection[int] = ()
) -> tuple[list[Suggestion], dict[Fit, int]]:
    """Return the suggestions for `viewer`, best first within each kind of fit, and how many there are of each kind.

    Members of `without` are left out. Five queries, however many members there are.
    """
    ranks = rank(viewer, wishes, mutual=mutual, one_way=one_way, without=without)
    totals = {place.fit: place.total for place in ranks}
    return describe(viewer, ranks), totals


def describe(viewer: User, ranks: Sequence[Rank]) -> list[Suggestion]:
    """Return the suggestions that belong to these ranks, in the same order."""
    if not ranks:
        return []
    ids = [place.member_id for place in ranks]
    profiles = Profile.objects.in_bulk(ids)
    me = viewer.profile
    mine = list(Listing.objects.owned_by(viewer).standing().select_related("topic"))
    needs = {listing.topic_id: listing for listing in mine if not listing.is_offer}
    offers = {listing.topic_id: listing for listing in mine if listing.is_offer}
    theirs = Listing.objects.standing().filter(member__in=ids, topic__in={*needs, *offers}).select_related("topic")
    by_member: dict[int, list[Listing]] = {}
    for listing in theirs:
        by_member.setdefault(listing.member_id, []).append(listing)
    found = []
    for place in ranks:
        profile = profiles.get(place.member_id)
        if profile is None:  # left between the two queries
            continue
        listings = by_member.get(place.member_id, [])
        gives = [Match(each, needs[each.topic_id]) for each in listings if each.is_offer and each.topic_id in needs]
        learns = [
            Match(offers[each.topic_id], each) for each in listings if not each.is_offer and each.topic_id in offers
        ]
        covered = {match.need.topic_id for match in gives}
        found.append(
            Suggestion(
                profile=profile,
                fit=place.fit,
                score=place.score,
                my_gain=place.my_gain,
                their_gain=place.their_gain,
                gives=sorted(gives, key=lambda match: -match.worth),
                learns=sorted(learns, key=lambda match: -match.worth),
                uncovered=[need for topic, need in needs.items() if topic not in covered],
                spans=common_spans(me, profile),
                languages=languages.names([code for code in profile.languages if code in me.languages]),
            )
        )
    return found


def common_spans(me: Profile, other: Profile) -> list[week.Span]:
    """Return when both are free for an hour or longer, on my wall clock of these days."""
    return week.common_spans(me.free_hours, other.free_hours, my_offset=me.utc_offset, their_offset=other.utc_offset)


def _reason_to_receive(name: str, match: Match) -> str:
    words = {"name": name, "topic": match.offer.topic.label}
    essential = match.need.importance == Importance.ESSENTIAL
    if match.offer.level == Level.STRONG:
        if essential:
            return _("Your goal depends on “%(topic)s”, and people come to %(name)s for it.") % words
        return _("You need “%(topic)s”, and people come to %(name)s for it.") % words
    if essential:
        return _("Your goal depends on “%(topic)s”, and %(name)s offers it.") % words
    return _("You need “%(topic)s”, and %(name)s offers it.") % words


def _reason_to_give(name: str, match: Match) -> str:
    words = {"name": name, "topic": match.offer.topic.label}
    if match.need.importance == Importance.ESSENTIAL:
        return _("%(name)s’s goal depends on “%(topic)s”, which you offer.") % words
    return _("%(name)s needs “%(topic)s”, which you offer.") % words


def introduced_to(member: User) -> set[int]:
    """Return with whom the member has an invitation that waits, or a conversation: they need not be suggested."""
    return {pk for pair in _INTRODUCED.of(member) for pk in pair if pk != member.pk}


_INTRODUCED = AboutMember(
    lambda member: Introduction.objects.visible_to(member).standing().order_by().values_list("inviter", "invited")
)


def what_is_missing(member: User) -> list[str]:
    """Return what a member has not said yet without which nobody can fit: offers, needs, hours, languages."""
    sides = {side for (side,) in _SIDES.of(member)}
    mine = member.profile
    said = {
        "offers": "offer" in sides,
        "needs": "need" in sides,
        "hours": bool(mine.free_hours),
        "languages": bool(mine.languages),
    }
    return [what for what, is_said in said.items() if not is_said]


_SIDES = AboutMember(
    lambda member: Listing.objects.owned_by(member).standing().order_by().values_list("side").distinct()
)
