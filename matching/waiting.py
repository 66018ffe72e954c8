"""What waits for a member: invitations and proposals to answer, turns of theirs, messages that they have not read."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _, ngettext

from accounts.clock import Now
from accounts.models import Profile, User
from accounts.prepared import AboutMember
from accounts.waiting import Waiting
from matching import lifecycle
from matching.lifecycle import Side, State
from matching.models import Introduction, Message, Proposal, Reading


@dataclass(frozen=True)
class Unread:
    """How many messages of a conversation a member has not read, and since when."""

    count: int
    since: dt.datetime


def my_turn(member: User) -> Q:
    """Return the condition of the introductions in which it is the member's move."""
    mine = Q(inviter=member, turn_of=Side.INVITER) | Q(invited=member, turn_of=Side.INVITED)
    return mine & Q(state=State.SENT, lapses_at__gt=Now())


def unread(member: User) -> dict[int, Unread]:
    """Return what the member has not read, by introduction. One query."""
    return {pk: Unread(count, since) for count, since, pk in _UNREAD.of(member)}


def count(member: User) -> int:
    """Return how much waits for the member: for a move of theirs, for an answer, or to be read. One query."""
    return len(_WAITING_ONES.of(member))


def waiting(member: User) -> list[Waiting]:
    """Return what waits for the member, the longest first. Two queries, however much it is."""
    things = []
    for unread_count, since, inviter, invited, *row in _WAITING.of(member):
        introduction = Introduction(**dict(zip(_ROW, row, strict=True)))
        name = Profile(name=invited if introduction.inviter_id == member.pk else inviter).first_name
        if unread_count:
            text = _messages(unread_count, name)
        else:
            text, since = _turn(introduction, name), introduction.moved_at
        things.append(Waiting(text=text, url=introduction.get_absolute_url(), since=since))
    for pk, since, proposer, *pair in _QUESTIONS.of(member):
        [other] = [name for number, name in zip(pair[::2], pair[1::2], strict=True) if number != member.pk]
        text = asks(Profile(name=proposer), Profile(name=other))
        things.append(Waiting(text=text, url=Proposal(pk=pk).get_absolute_url(), since=since))
    return sorted(things, key=lambda thing: thing.since)


def asks(proposer: Profile, other: Profile) -> str:
    """Return what a proposal asks of one of the two."""
    return _("%(proposer)s asks whether you would like to meet %(name)s") % {
        "proposer": proposer.first_name,
        "name": other.first_name,
    }


def _with_seen(member: User) -> QuerySet[Introduction]:
    """Return what the member sees, with the last message that they read, so that only the rest is looked at."""
    reading = Reading.objects.filter(introduction=OuterRef("pk"), member=member).values("read_up_to")
    return Introduction.objects.visible_to(member).alias(seen=Coalesce(Subquery(reading), 0))


def _fresh(member: User) -> QuerySet[Message]:
    """Return the messages that the member has not read, of an introduction that `_with_seen` gives."""
    return Message.objects.filter(introduction=OuterRef("pk"), pk__gt=OuterRef("seen")).exclude(author=member)


def _has_unread(member: User) -> Q:
    return Q(Exists(_fresh(member)), state=State.ACCEPTED)


def _what_waits(member: User) -> QuerySet[Introduction]:
    return _with_seen(member).filter(my_turn(member) | _has_unread(member)).order_by()


def _questions(member: User) -> QuerySet[Proposal]:
    return Proposal.objects.open_to(member).unanswered_by(member).order_by()


def _rows(found: QuerySet[Introduction], member: User, *names: str) -> QuerySet[Introduction, Any]:
    """Return rows of how many messages the member has not read, since when there are some, and these fields."""
    fresh = _fresh(member)
    how_many = fresh.order_by().values("introduction").annotate(number=Count("pk")).values("number")
    since = fresh.order_by("pk").values("sent_at")[:1]
    return found.annotate(fresh=Subquery(how_many), since=Subquery(since)).values_list("fresh", "since", *names)


def _messages(count: int, name: str) -> str:
    return ngettext("%(count)d message from %(name)s to read", "%(count)d messages from %(name)s to read", count) % {
        "count": count,
        "name": name,
    }


def says(introduction: Introduction, member: User) -> str:
    """Return what an introduction waits for, or how it stands, in a few words for the member."""
    name = {"name": introduction.other(member).profile.first_name}
    if introduction.state != State.SENT:
        return str(introduction.get_state_display())
    if introduction.turn_of == introduction.side_of(member):
        return _turn(introduction, name["name"])
    if introduction.standing == lifecycle.YES:
        return _("%(name)s looks at the rhythm that you proposed") % name
    return _("%(name)s has the turn") % name


def _turn(introduction: Introduction, name: str) -> str:
    if introduction.standing == lifecycle.EXPLANATION:
        return _("%(name)s asked for more about your invitation") % {"name": name}
    if introduction.standing == lifecycle.YES:
        return _("%(name)s proposed another rhythm") % {"name": name}
    if introduction.moves > 1:
        return _("%(name)s has written back: it is your turn") % {"name": name}
    return _("%(name)s invites you to talk") % {"name": name}


# What the header asks on every page, and home and the list besides.
_WAITING_ONES = AboutMember(
    lambda member: _what_waits(member).values_list("pk").union(_questions(member).values_list("pk"), all=True)
)
_NAMES = ("inviter__profile__name", "invited__profile__name")
_ROW = ("pk", "inviter_id", "state", "turn_of", "rhythm_by", "moves", "moved_at")
_WAITING = AboutMember(lambda member: _rows(_what_waits(member), member, *_NAMES, *_ROW))
_UNREAD = AboutMember(lambda member: _rows(_with_seen(member).filter(_has_unread(member)).order_by(), member, "pk"))
_PAIR = ("first_id", "first__profile__name", "second_id", "second__profile__name")
_QUESTIONS = AboutMember(
    lambda member: _questions(member).values_list("pk", "asked_at", "proposer__profile__name", *_PAIR)
)
