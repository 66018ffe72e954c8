"""What two members do until they talk, or do not: each verb asks the table of the lifecycle under the pair's lock.

`seen_move` is the number of the last move that the person's page showed. If another came meanwhile nothing is done, and
the refusal says what happened. The same move once more, as a double click sends it, changes nothing.
"""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Profile, User
from accounts.rules import Refused, constraints_speak
from matching import letters, words
from matching.actions.pairs import hold, lock_pair
from matching.being_found import who_is_full
from matching.lifecycle import ANSWER, NOBODY, Move, Side, State, after
from matching.models import Introduction, IntroductionMove
from matching.models.introductions import OPEN_STATES

LAPSES_AFTER = dt.timedelta(days=14)
NO_STANDS_FOR = dt.timedelta(days=30)
MOST_OPEN = 10
MOST_A_DAY = 5

# With these there was nothing before: the table has no line that leads from nowhere.
BEGINNINGS = (Move.SENT, Move.INTRODUCED)

Rhythm = tuple[int, int, int]
# What a form proposes before anything is changed; two who meet by a card begin with it.
USUAL_RHYTHM: Rhythm = (1, 60, 8)


def invite(*, by: User, member_id: int, note: str, every_weeks: int, minutes: int, weeks: int) -> Introduction:
    """Invite another member to talk, with a rhythm: every so many weeks, minutes a meeting, weeks in all.

    Where the other has invited `by` already, this is a yes to that: one introduction, accepted, with both notes.
    """
    with constraints_speak(), transaction.atomic():
        people = lock_pair(by.pk, member_id)
        now = clock.now()
        refuse_whom_nobody_knows(by)
        if member_id not in people or not Profile.objects.others_for(by).filter(pk=member_id).exists():
            raise Refused(_("This member is not here, or takes a break. You cannot invite them now."))
        me, them = people[by.pk], people[member_id]
        rhythm = (every_weeks, minutes, weeks)
        standing = open_between(me, them, now)
        if standing:
            return _say_yes_to_theirs(standing, me, them, now=now, note=note, rhythm=rhythm)
        refuse_if_pausing(me, now)
        _refuse_if_full(me, them)
        _refuse_after_a_no(me, them, now)
        _refuse_too_many(me, now)
        introduction = Introduction(inviter=me, invited=them, sent_at=now)
        _write(introduction, Move.SENT, Side.INVITER, now=now, text=note, rhythm=rhythm)
    return introduction


def accept(*, by: User, introduction_id: int, seen_move: int) -> Introduction:
    """Say yes: the invited to the inviter's rhythm, or the inviter to the one that the invited has proposed."""
    return _act(by, introduction_id, seen_move, Move.ACCEPTED)


def ask(*, by: User, introduction_id: int, seen_move: int, text: str) -> Introduction:
    """The invited would like to know more first; the inviter has the turn."""
    return _act(by, introduction_id, seen_move, Move.ASKED, text=text)


def answer(*, by: User, introduction_id: int, seen_move: int, text: str) -> Introduction:
    """The inviter answers the question; the invited has the turn again."""
    return _act(by, introduction_id, seen_move, Move.ANSWERED, text=text)


def propose(
    *, by: User, introduction_id: int, seen_move: int, every_weeks: int, minutes: int, weeks: int, text: str = ""
) -> Introduction:
    """Propose another rhythm, which is a yes with that rhythm; the turn goes over."""
    rhythm = (every_weeks, minutes, weeks)
    return _act(by, introduction_id, seen_move, Move.PROPOSED, text=text, rhythm=rhythm)


def decline(
    *, by: User, introduction_id: int, seen_move: int, reason: str = "", is_private: bool = False
) -> Introduction:
    """Say "not now". A private reason stays with who gave it; nobody else reads it."""
    return _act(
        by,
        introduction_id,
        seen_move,
        Move.DECLINED,
        text="" if is_private else reason,
        decline_reason=reason,
        is_reason_private=is_private and bool(reason),
    )


def withdraw(*, by: User, introduction_id: int, seen_move: int) -> Introduction:
    """The inviter takes the invitation back. No mail tells of it."""
    return _act(by, introduction_id, seen_move, Move.WITHDRAWN)


def close(*, by: User, introduction_id: int, seen_move: int) -> Introduction:
    """Either ends the conversation, at any time and without a reason."""
    return _act(by, introduction_id, seen_move, Move.CLOSED)


def meet(*, owner: User, guest: User, note: str) -> Introduction:
    """Let two talk who have both said so: one by giving a card, the other by answering it. Their pair is locked.

    An introduction that is open between them is the one. The guest's answer is a yes to an invitation of the owner's;
    the card is a yes to one of the guest's, as it is to invite back.
    """
    now = clock.now()
    standing = open_between(owner, guest, now)
    if standing is None:
        introduction = Introduction(inviter=owner, invited=guest, sent_at=now)
        _write(introduction, Move.SENT, Side.INVITER, now=now, text=note, rhythm=USUAL_RHYTHM, tells="")
        _write(introduction, Move.ACCEPTED, Side.INVITED, now=now, tells=letters.CARD_ANSWERED)
        return introduction
    if after(standing.standing, Move.ACCEPTED, standing.side_of(guest)):
        _write(standing, Move.ACCEPTED, standing.side_of(guest), now=now, tells=letters.CARD_ANSWERED)
    elif standing.standing == ANSWER:
        _write(standing, Move.ACCEPTED, standing.side_of(owner), now=now, text=note)
    return standing


def lapse_all() -> int:
    """Mark those whose time is over, each on its own; return how many there were. Safe to run twice."""
    due = Introduction.objects.filter(state=State.SENT, lapses_at__lte=clock.Now())
    lapsed = 0
    for pk, inviter_id, invited_id in list(due.values_list("pk", "inviter_id", "invited_id")):
        with transaction.atomic():
            lock_pair(inviter_id, invited_id)
            introduction = due.filter(pk=pk).first()
            if introduction:
                _lapse(introduction)
                lapsed += 1
    return lapsed


def introduce(*, one: User, other: User, now: dt.datetime) -> Introduction:
    """Begin a conversation of two who have both said yes to somebody who knows both. Their pair is locked, without one.

    It begins with the usual rhythm, which they may talk over; nobody's words are in it.
    """
    introduction = Introduction(inviter=one, invited=other, state=State.ACCEPTED, sent_at=now, lapses_at=now)
    _write(introduction, Move.INTRODUCED, NOBODY, now=now)
    return introduction


def end_silently(*, introduction: Introduction) -> None:
    """End an open introduction in nobody's name and without a word. Its pair is locked by the caller."""
    kind = Move.CLOSED if introduction.state == State.ACCEPTED else Move.WITHDRAWN
    _write(introduction, kind, NOBODY, now=clock.now())


def _act(by: User, introduction_id: int, seen_move: int, kind: Move, **what: Any) -> Introduction:
    with constraints_speak(), transaction.atomic():
        introduction = hold(by, introduction_id)
        now = clock.now()
        side = introduction.side_of(by)
        last = introduction.story.order_by("number").last()
        assert last is not None
        if introduction.moves != seen_move:
            if _is_same(last, seen_move, kind, side, what):
                return introduction
            raise Refused(_meanwhile(introduction, by, last))
        if after(introduction.standing_at(now), kind, side) is None:
            raise Refused(_not_now(introduction, by, last, now))
        _write(introduction, kind, side, now=now, **what)
    return introduction


def _write(
    introduction: Introduction,
    kind: Move,
    by: str,
    *,
    now: dt.datetime,
    text: str = "",
    rhythm: Rhythm | None = None,
    tells: str | None = None,
    **fields: Any,
) -> None:
    """Make a move that the table permits: the row, its line of the story, and the mail that tells of it.

    `tells` names another letter than that of the move; with "" there is none.
    """
    if kind not in BEGINNINGS:
        to = after(introduction.standing, kind, by)
        assert to is not None
        introduction.state = to.state
        introduction.turn_of = to.turn_of or introduction.turn_of
        introduction.rhythm_by = to.rhythm_by or introduction.rhythm_by
    if rhythm and kind in (Move.SENT, Move.PROPOSED):
        introduction.every_weeks, introduction.minutes, introduction.weeks = rhythm
    introduction.moves += 1
    introduction.moved_at = now
    if introduction.state == State.SENT:
        introduction.lapses_at = now + LAPSES_AFTER
    elif introduction.state == State.ACCEPTED:
        introduction.accepted_at = now
    else:
        introduction.ended_at = now
    for name, value in fields.items():
        setattr(introduction, name, value)
    introduction.save()
    every_weeks, minutes, weeks = rhythm or introduction.rhythm
    IntroductionMove.objects.create(
        introduction=introduction,
        number=introduction.moves,
        kind=kind,
        by=by,
        author=introduction.member(by) if by else None,
        text=text,
        every_weeks=every_weeks,
        minutes=minutes,
        weeks=weeks,
        at=now,
    )
    if by and tells != "":
        letters.queue_move(introduction, kind, Side(by), letter=tells)


def _lapse(introduction: Introduction) -> None:
    """It ended when its time was over, not when somebody noticed."""
    _write(introduction, Move.LAPSED, NOBODY, now=introduction.lapses_at)


def open_between(me: User, them: User, now: dt.datetime) -> Introduction | None:
    introduction = Introduction.objects.between(me, them).filter(state__in=OPEN_STATES).first()
    if introduction and introduction.has_run_out(now):
        _lapse(introduction)
        return None
    if introduction:
        people = {me.pk: me, them.pk: them}
        introduction.inviter, introduction.invited = people[introduction.inviter_id], people[introduction.invited_id]
    return introduction


def _say_yes_to_theirs(
    introduction: Introduction, me: User, them: User, *, now: dt.datetime, note: str, rhythm: Rhythm
) -> Introduction:
    name = {"name": them.profile.first_name}
    if introduction.state == State.ACCEPTED:
        raise Refused(_("You and %(name)s are talking already.") % name)
    if introduction.inviter_id == me.pk:
        raise Refused(_("You have invited %(name)s already.") % name)
    if after(introduction.standing, Move.ACCEPTED, Side.INVITED) is None:
        raise Refused(_("You have proposed another rhythm to %(name)s, and the answer is still to come.") % name)
    _write(introduction, Move.ACCEPTED, Side.INVITED, now=now, text=note, rhythm=rhythm)
    return introduction


def refuse_whom_nobody_knows(by: User) -> None:
    """Raise Refused unless the member has a name and a confirmed address."""
    if not Profile.objects.filter(member=by).exclude(name="").exists():
        raise Refused(_("Write your name on your profile first: nobody likes to be invited by somebody without one."))
    if not EmailAddress.objects.filter(user=by, primary=True, verified=True).exists():
        raise Refused(_("Confirm your e-mail address first, so that the answer reaches you."))


def refuse_if_pausing(me: User, now: dt.datetime) -> None:
    profile = me.profile
    if not profile.is_looking or (profile.paused_until and profile.paused_until > now):
        raise Refused(_("You are pausing, so that nobody sees you. Come back first, under Settings, then invite."))


def _refuse_if_full(me: User, them: User) -> None:
    if sentence := who_is_full(me, them):
        raise Refused(sentence)


def _refuse_after_a_no(me: User, them: User, now: dt.datetime) -> None:
    said_no = Introduction.objects.filter(inviter=me, invited=them, ended_at__gt=now - NO_STANDS_FOR)
    last = said_no.filter(state=State.DECLINED) | said_no.filter(state=State.LAPSED, turn_of=Side.INVITED)
    ended_at = last.order_by("-ended_at").values_list("ended_at", flat=True).first()
    if ended_at:
        again = timezone.localtime(ended_at + NO_STANDS_FOR)
        raise Refused(
            _("%(name)s did not take up your last invitation. You can invite them again from %(day)s on.")
            % {"name": them.profile.first_name, "day": date_format(again, "j F Y")}
        )


def _refuse_too_many(me: User, now: dt.datetime) -> None:
    mine = Introduction.objects.filter(inviter=me)
    if mine.filter(state=State.SENT, lapses_at__gt=now).count() >= MOST_OPEN:
        raise Refused(
            _("%(count)d of your invitations are still open. Wait for an answer, or take one back, then invite again.")
            % {"count": MOST_OPEN}
        )
    # Those that began with a card, or with two yeses to somebody else, were not sent by them.
    invited_lately = mine.filter(sent_at__gt=now - dt.timedelta(days=1)).exclude(accepted_at=F("sent_at"))
    if invited_lately.count() >= MOST_A_DAY:
        raise Refused(
            _("You have sent %(count)d invitations within a day. Give these people your time first; go on tomorrow.")
            % {"count": MOST_A_DAY}
        )


def _is_same(last: IntroductionMove, seen_move: int, kind: Move, side: Side, what: dict[str, Any]) -> bool:
    """Whether the last move is this very one: the form was sent twice."""
    if (last.number, last.kind, last.by) != (seen_move + 1, kind, side) or last.text != what.get("text", ""):
        return False
    return "rhythm" not in what or what["rhythm"] == (last.every_weeks, last.minutes, last.weeks)


def _told(introduction: Introduction, by: User, last: IntroductionMove) -> str:
    is_mine = last.author_id == by.pk
    return words.told(last.kind, by=last.by, is_mine=is_mine, name=introduction.other(by).profile.first_name)


def _meanwhile(introduction: Introduction, by: User, last: IntroductionMove) -> str:
    return _("Something came in between: %(what)s Nothing else has changed; look at it before you go on.") % {
        "what": _told(introduction, by, last)
    }


def _not_now(introduction: Introduction, by: User, last: IntroductionMove, now: dt.datetime) -> str:
    if introduction.has_run_out(now):
        return words.told(Move.LAPSED, by=NOBODY, is_mine=False, name="")
    return _("That cannot be done now: %(what)s") % {"what": _told(introduction, by, last)}
