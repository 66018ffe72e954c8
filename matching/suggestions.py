"""A ranked proposal of a partner with its reasons, in the words and the clock of the one who reads it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import languages, week
from accounts.clock import Now
from accounts.models import Listing, Profile, Topic, User
from accounts.models.listings import Importance, Level
from accounts.prepared import AboutMember
from accounts.showing import profile_for_others
from matching.fit import LEVEL_TENTHS, SAME, Similar, similarity
from matching.models import Candidate, Introduction, Mark
from matching.peers import Alike, answering
from matching.ranking import ANYONE, CLOSE, Fit, Rank, Wishes, doors, rank, similar_to

# A partner rarely covers all that one needs: see the share of each word among the fits of the demo community in
# docs/decisions/0008-the-fit-is-a-word.md.
STRONG, GOOD = 0.4, 0.25
MOST_DOORS = 3
MOST_GOOD = 500


@dataclass(frozen=True)
class Match:
    """What goes from one member to the other: the offer, the need that it serves best, and how near the topics are.

    `nearness` is in hundredths, 100 for the very same topic.
    """

    offer: Listing
    need: Listing
    nearness: int = SAME

    @property
    def worth(self) -> int:
        """Its part of the gain, in thousandths of importance: the gain of a side is the sum of these."""
        return (self.need.importance or 0) * self.nearness * LEVEL_TENTHS[self.offer.level or 1]

    @property
    def is_same(self) -> bool:
        """Whether both name the very same topic."""
        return self.nearness == SAME


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
    alike: Alike | None = None

    @property
    def peers(self) -> list[str]:
        """How alike the two are, in sentences."""
        return self.alike.sentences(self.gives, self.learns) if self.alike else []

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
        return _("Good fit") if self.fits_well else _("Worth a chat")

    @property
    def fits_well(self) -> bool:
        """Whether who asked to be told when somebody fits well is told of this one."""
        return self.fit is Fit.MUTUAL and self.score >= GOOD

    @property
    def grade(self) -> str:
        """The drawing that goes with the word: strong, good or some."""
        if not self.fits_well:
            return "some"
        return "strong" if self.score >= STRONG else "good"

    @property
    def gives_topics(self) -> list[str]:
        return list(dict.fromkeys(match.offer.in_full for match in self.gives))

    @property
    def learns_topics(self) -> list[str]:
        return list(dict.fromkeys(match.need.in_full for match in self.learns))

    @property
    def more_gives(self) -> int:
        """How many topics stand behind the three of a card."""
        return max(len(self.gives_topics) - 3, 0)

    @property
    def more_learns(self) -> int:
        return max(len(self.learns_topics) - 3, 0)

    @property
    def uncovered_phrases(self) -> list[str]:
        return [need.phrase for need in self.uncovered]

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
        if not self.spans and not self.profile.hides_hours:
            sentences.append(_("There is no hour of the week in which you are both free."))
        return sentences


def suggest(
    viewer: User,
    wishes: Wishes = ANYONE,
    *,
    mutual: int = 50,
    one_way: int = 6,
    without: Collection[int] = (),
    aside: Collection[int] = (),
    mine: Candidate | None = None,
) -> tuple[list[Suggestion], dict[Fit, int]]:
    """Return the suggestions for `viewer`, best first within each kind of fit, and how many there are of each kind.

    Members of `without` are left out, those set `aside` are not counted either. As many queries, however many members
    there are; one less where `mine`, the viewer's own row, is known.
    """
    ranks = rank(viewer, wishes, mutual=mutual, one_way=one_way, without=without, aside=aside, mine=mine)
    totals = {place.fit: place.total for place in ranks}
    return describe(viewer, ranks), totals


def good_fits(member: User, *, of: Sequence[int] | None = None) -> list[Rank]:
    """Return those who fit the member well or better, both ways, and whom they need to get to know; best first.

    With `of` only these members, as far as they still do.
    """
    known, aside = introduced_to(member), dismissed_by(member)
    ranks = rank(member, mutual=MOST_GOOD, one_way=0, without=known, aside=aside, order=of)
    return [place for place in ranks if place.fit is Fit.MUTUAL and place.score >= GOOD]


def describe(viewer: User, ranks: Sequence[Rank], *, is_introduced: bool = False) -> list[Suggestion]:
    """Return the suggestions that belong to these ranks, in the same order.

    What they say is what everyone sees, as the ranking counts it; of the profile what who is introduced sees, where the
    viewer is introduced to all of them.
    """
    if not ranks:
        return []
    ids = [place.member_id for place in ranks]
    profiles = Profile.objects.in_bulk(ids)
    me = viewer.profile
    seen = Listing.objects.standing().shown(is_introduced=False).select_related("topic")
    mine = list(seen.owned_by(viewer))
    needs = [listing for listing in mine if not listing.is_offer]
    offers = [listing for listing in mine if listing.is_offer]
    similar = similar_to({listing.topic_id for listing in mine})
    near = {listing.topic_id for listing in mine}.union(*similar.values())
    theirs = seen.filter(member__in=ids, topic__in=near)
    by_member: dict[int, list[Listing]] = {}
    for listing in theirs:
        by_member.setdefault(listing.member_id, []).append(listing)
    found = []
    for place in ranks:
        profile = profiles.get(place.member_id)
        if profile is None:  # left between the two queries
            continue
        profile = profile_for_others(profile, is_introduced=is_introduced)
        listings = by_member.get(place.member_id, [])
        gives = matches([each for each in listings if each.is_offer], needs, similar)
        learns = matches(offers, [each for each in listings if not each.is_offer], similar)
        covered = {match.need.pk for match in gives if match.nearness >= CLOSE}
        found.append(
            Suggestion(
                profile=profile,
                fit=place.fit,
                score=place.score,
                my_gain=place.my_gain,
                their_gain=place.their_gain,
                gives=gives,
                learns=learns,
                uncovered=[need for need in needs if need.pk not in covered],
                spans=common_spans(me, profile),
                languages=languages.names([code for code in profile.languages if code in me.languages]),
                alike=Alike(profile.first_name, me.hours_per_week, profile.hours_per_week),
            )
        )
    return found


def say_how_soon(suggestions: Sequence[Suggestion]) -> None:
    """Add to each how soon that person usually answers, where it is known. One query."""
    times = answering([each.profile.pk for each in suggestions])
    for each in suggestions:
        if each.alike:
            each.alike = replace(each.alike, answers_in=times.get(each.profile.pk))


def matches(offers: Sequence[Listing], needs: Sequence[Listing], similar: Similar) -> list[Match]:
    """Return for each need the offer that serves it best, if one does: what matters most first.

    These are the terms of the gain of who has the needs (matching.fit).
    """
    found = []
    for need in needs:
        of_need = [
            Match(offer, need, nearness)
            for offer in offers
            if (nearness := similarity(need.topic_id, offer.topic_id, similar))
        ]
        if of_need:
            found.append(max(of_need, key=lambda match: (match.worth, match.nearness, -match.offer.pk)))
    return sorted(found, key=lambda match: (-match.worth, match.need.pk))


def common_spans(me: Profile, other: Profile) -> list[week.Span]:
    """Return when both are free for an hour or longer, on my wall clock of these days."""
    return week.common_spans(me.free_hours, other.free_hours, my_offset=me.utc_offset, their_offset=other.utc_offset)


def _reason_to_receive(name: str, match: Match) -> str:
    words = {"name": name, "topic": match.offer.topic.label, "other": match.need.topic.label}
    essential = match.need.importance == Importance.ESSENTIAL
    if match.nearness < CLOSE:
        return _("You need “%(other)s”. %(name)s offers “%(topic)s”, which may help a little.") % words
    if not match.is_same:
        if essential:
            return _("Your goal depends on “%(other)s”, and %(name)s offers “%(topic)s”, which is near it.") % words
        return _("You need “%(other)s”, and %(name)s offers “%(topic)s”, which is near it.") % words
    if match.offer.level == Level.STRONG:
        if essential:
            return _("Your goal depends on “%(topic)s”, and people come to %(name)s for it.") % words
        return _("You need “%(topic)s”, and people come to %(name)s for it.") % words
    if essential:
        return _("Your goal depends on “%(topic)s”, and %(name)s offers it.") % words
    return _("You need “%(topic)s”, and %(name)s offers it.") % words


def _reason_to_give(name: str, match: Match) -> str:
    words = {"name": name, "topic": match.offer.topic.label, "other": match.need.topic.label}
    if match.nearness < CLOSE:
        return _("%(name)s needs “%(other)s”. You offer “%(topic)s”, which may help a little.") % words
    if not match.is_same:
        return _("%(name)s needs “%(other)s”, and you offer “%(topic)s”, which is near it.") % words
    if match.need.importance == Importance.ESSENTIAL:
        return _("%(name)s’s goal depends on “%(topic)s”, which you offer.") % words
    return _("%(name)s needs “%(topic)s”, which you offer.") % words


@dataclass(frozen=True)
class OpenDoor:
    """A topic that the member could offer, and how many more people would fit both ways then."""

    topic: Topic
    members: int


def open_doors(member: User, *, aside: Collection[int] = ()) -> list[OpenDoor]:
    """Return the topics of the reviewed list that would open most doors, if the member offered one of them.

    Members who are set `aside` are not counted.
    """
    found = {door.topic_id: door.members for door in doors(member, most=MOST_DOORS * 4, aside=aside)}
    topics = Topic.objects.filter(is_provisional=False).in_bulk(found)
    return [OpenDoor(topics[pk], members) for pk, members in found.items() if pk in topics][:MOST_DOORS]


def is_open_to_new(member: User) -> bool:
    """Say whether the member could get to know somebody new now: is found, and not paused."""
    mine = Candidate.objects.filter(pk=member.pk, is_open=True)
    return mine.filter(Q(paused_until=None) | Q(paused_until__lte=Now())).exists()


def introduced_to(member: User) -> set[int]:
    """Return with whom the member has an invitation that waits, or a conversation: they need not be suggested."""
    return {pk for pair in _INTRODUCED.of(member) for pk in pair if pk != member.pk}


def dismissed_by(member: User) -> set[int]:
    """Return whom the member does not want to be suggested."""
    return {pk for (pk,) in _DISMISSED.of(member)}


_DISMISSED = AboutMember(
    lambda member: Mark.objects.owned_by(member).filter(kind=Mark.Kind.DISMISSED).order_by().values_list("other")
)
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
    lambda member: (
        Listing.objects.owned_by(member).standing().shown(is_introduced=False).order_by().values_list("side").distinct()
    )
)
