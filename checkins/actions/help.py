"""A party says what help they gave; the receiver alone says that it reached them."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, zones
from accounts.models import User
from accounts.notices import planned
from accounts.notices.planned import Planned
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak
from checkins import books, help_lifecycle
from checkins.help_lifecycle import CHANGED_WITHIN, Move, State
from checkins.ledger import Row
from checkins.models import FineAsItIs, Help, Naming
from contracts.actions.holding import are_apart, hold
from contracts.lifecycle import Side, State as ContractState
from contracts.models import Contract

FAMILY = "help"
# So long after somebody said it the other is told: what is said in one go comes in one mail, a slip in none.
TOLD_AFTER = dt.timedelta(minutes=20)
TOLD_LASTS = dt.timedelta(days=7)
MOST_A_DAY = 40


def say(
    *, by: User, contract_id: int, version: int, key: str, amount: Decimal | None, on: dt.date, words: str = ""
) -> Help:
    """Write down help on a commitment, given on the day `on`; return it.

    What the giver says waits for the receiver, who is told. What the receiver writes down is confirmed with it.
    `version` is the last that holds the commitment, as the page showed it; `amount` is in its unit, and left aside
    where a fact measures it. Raises Refused.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        row = _row(contract, version, key)
        counted = _amount(row, amount)
        _check_day(contract, on)
        same = {"key": key, "version": version, "on": on, "amount": counted, "words": words, "written_by": side}
        now = clock.now()
        if twin := Help.objects.filter(contract=contract, said_at__gt=now - PRESSED_TWICE, **same).first():
            return twin
        _check_other(contract, row, side, on, counted)
        if Help.objects.filter(contract=contract, said_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
            raise Refused(_("That is a lot for one day. Write down the rest tomorrow, or as one sum."))
        is_mine = row.giver is side
        answered = {} if is_mine else {"state": State.CONFIRMED, "confirmed": counted, "answered_at": now}
        made = Help.objects.create(contract=contract, giver=row.giver, **same, **answered)
        if is_mine:
            _tell(contract, row.receiver, now)
        return made


def confirm(*, by: User, contract_id: int, help_id: int, amount: Decimal | None, words: str = "") -> Help:
    """Say that help has reached the asker, and how much; for a while, say so otherwise. Raises Refused."""
    with constraints_speak(), transaction.atomic():
        _contract, help, row = _answered(by, contract_id, help_id, Move.CONFIRM)
        term = row.term_of(help)
        if term.is_counted and amount is None:
            raise Refused(_("Say how much of it reached you."))
        counted = amount if term.is_counted else None
        if (help.state, help.confirmed, help.answer) == (State.CONFIRMED, counted, words):
            return help
        # The while begins with the first answer: correcting does not prolong it.
        answered_at = help.answered_at if help.state == State.CONFIRMED else clock.now()
        return _change(help, State.CONFIRMED, confirmed=counted, answer=words, answered_at=answered_at)


def say_not_yet(*, by: User, contract_id: int, help_id: int) -> Help:
    """Say that help did not happen for the asker yet. It stays in the ledger, and counts for nothing."""
    with constraints_speak(), transaction.atomic():
        _contract, help, _row = _answered(by, contract_id, help_id, Move.NOT_YET)
        if help.state == State.NOT_YET:
            return help
        return _change(help, State.NOT_YET, confirmed=None, answer="", answered_at=clock.now())


def let_wait(*, by: User, contract_id: int, help_id: int) -> Help:
    """Take one's answer back: what the giver said waits again."""
    with constraints_speak(), transaction.atomic():
        _contract, help, _row = _answered(by, contract_id, help_id, Move.LET_WAIT)
        if help.state == State.SAID:
            return help
        return _change(help, State.SAID, confirmed=None, answer="", answered_at=None)


def take_back(*, by: User, contract_id: int, help_id: int) -> Help:
    """Take back what one has written down oneself: the giver until it is confirmed, the receiver for a while."""
    with constraints_speak(), transaction.atomic():
        _contract, help, _row = _answered(by, contract_id, help_id, Move.TAKE_BACK)
        if help.state == State.TAKEN_BACK:
            return help
        return _change(help, State.TAKEN_BACK, confirmed=None, answer="", answered_at=None)


def say_fine(*, by: User, contract_id: int, upto: dt.date) -> None:
    """Say that it is fine for oneself as it is, up to the meeting of that day. The other is asked all the same."""
    with transaction.atomic():
        contract, _side = hold(by=by, contract_id=contract_id)
        FineAsItIs.objects.get_or_create(contract=contract, member=by, upto=upto)


def ask_again(*, by: User, contract_id: int, upto: dt.date) -> None:
    """Take that back."""
    FineAsItIs.objects.filter(contract=contract_id, member=by, upto=upto).delete()


def agree_to_be_named(*, by: User, contract_id: int, agrees: bool) -> None:
    """Say whether the other may see one's name on their own page, beside what the two did. Both have to agree."""
    with transaction.atomic():
        contract, _side = hold(by=by, contract_id=contract_id)
        if agrees:
            Naming.objects.get_or_create(contract=contract, member=by)
        else:
            Naming.objects.filter(contract=contract, member=by).delete()


def why_not_say(contract: Contract) -> str:
    """Return why no help can be written down now, in a sentence; empty when it can."""
    if contract.is_in_force:
        return ""
    if contract.ended_at is not None:
        return _("This contract has ended. What you gave each other stays here to read.")
    return _("This contract is not in force yet: nothing is promised so far.")


def why_not_answer(contract: Contract, now: dt.datetime) -> str:
    """Return why nothing can be confirmed now, in a sentence; empty when it can.

    When both have said that the goal is met, what still waits can be confirmed for a while.
    """
    is_just_done = contract.state == ContractState.DONE and bool(
        contract.ended_at and now <= contract.ended_at + CHANGED_WITHIN
    )
    if is_just_done and contract.member(Side.FIRST) and contract.member(Side.SECOND) and not are_apart(contract):
        return ""
    return why_not_say(contract)


def _row(contract: Contract, version: int, key: str) -> Row:
    if refusal := why_not_say(contract):
        raise Refused(refusal)
    row = books.of(contract).find(version, key)
    if row is None or row.out_on is not None:
        raise Refused(_("Your contract has changed meanwhile. Look at what it says now, and write it down there."))
    return row


def _amount(row: Row, amount: Decimal | None) -> Decimal | None:
    if not row.term.is_counted:
        return None
    if amount is None:
        raise Refused(_("Say how much it was, in %(unit)s.") % {"unit": row.term.unit})
    return amount


def _check_day(contract: Contract, on: dt.date) -> None:
    """Raise Refused for a day that is still to come for both, or was over for both when the contract began."""
    assert contract.in_force_at is not None
    members = [contract.member(side) for side in Side]
    clocks = [zones.clock_of(member.time_zone) for member in members if member is not None]
    now = clock.now()
    if on > max(now.astimezone(each).date() for each in clocks):
        raise Refused(_("That day is still to come. Write it down when it has happened."))
    if on < min(contract.in_force_at.astimezone(each).date() for each in clocks):
        raise Refused(_("Your contract was not in force yet on that day."))


def _check_other(contract: Contract, row: Row, side: Side, on: dt.date, amount: Decimal | None) -> None:
    """Raise Refused where the other has just written down the very same: it would stand there twice."""
    there = Help.objects.filter(
        contract=contract, key=row.key, version=row.version, on=on, amount=amount, written_by=side.other
    )
    words = {"name": contract.called(side.other)}
    if side is row.receiver and there.waiting().exists():
        raise Refused(_("%(name)s has said so already: it waits for your yes.") % words)
    if side is row.giver and there.filter(state=State.CONFIRMED).exists():
        raise Refused(
            _("%(name)s has written that down already. If there was more on that day, add what comes on top.") % words
        )


def _answered(by: User, contract_id: int, help_id: int, move: Move) -> tuple[Contract, Help, Row]:
    """Lock the contract; return the help, and the row on which it is, if the asker may make this move.

    A move that is made already passes: whoever presses twice finds it done.
    """
    contract, side = hold(by=by, contract_id=contract_id)
    help = Help.objects.get(contract=contract, pk=help_id)
    now = clock.now()
    if refusal := why_not_answer(contract, now):
        raise Refused(refusal)
    done = {Move.NOT_YET: State.NOT_YET, Move.LET_WAIT: State.SAID, Move.TAKE_BACK: State.TAKEN_BACK}.get(move)
    is_mine_to_repeat = (side is help.writer) if move is Move.TAKE_BACK else (side is not help.giver_side)
    if help_lifecycle.outcome(help, move, side, now) is None and not (help.state == done and is_mine_to_repeat):
        raise Refused(_why_not(contract, help, side))
    row = books.of(contract).row_of(help.pk)
    if row is None:
        if help.state == State.TAKEN_BACK and move is Move.TAKE_BACK:
            return contract, help, Row(help.key, help.giver_side, (), help.version)
        raise Refused(_why_not(contract, help, side))
    return contract, help, row


def _why_not(contract: Contract, help: Help, side: Side) -> str:
    words = {"name": contract.called(side.other)}
    if help.state == State.TAKEN_BACK:
        return _("This was taken back meanwhile, so there is nothing to answer.")
    if side is help.giver_side and help.state == State.CONFIRMED:
        return _("%(name)s has confirmed this already. What it was, they alone can change.") % words
    if side is help.giver_side:
        return _("Whether it reached them is for %(name)s to say.") % words
    if help.writer is side:
        return _("You wrote this down some weeks ago, and it stays as it is now.")
    return _("You answered this some weeks ago, and it stays as it is now.")


def _change(help: Help, to: State, **fields: object) -> Help:
    Help.objects.filter(pk=help.pk).update(state=to, **fields)
    help.refresh_from_db()
    return help


def _tell(contract: Contract, to: Side, now: dt.datetime) -> None:
    """Tell the receiver that something waits for their yes: once on a day of theirs, however much is said."""
    member = contract.member(to)
    if member is None:
        return
    day = zones.local_time(member.time_zone, now).date()
    key = f"{FAMILY}:said:{contract.pk}:{day}:{member.pk}"
    planned.plan(
        [Planned(key, f"{FAMILY}:said", member, now + TOLD_AFTER, now + TOLD_LASTS, {"contract": contract.pk})]
    )
