"""What may become of help that was said, and by whom. The actions and the buttons ask the same table. Pure."""

import datetime as dt
from enum import Enum

from checkins.models import Help
from contracts.lifecycle import Side

State = Help.State
CHANGED_WITHIN = dt.timedelta(days=14)
"""So long the receiver may still change what they have answered."""


class Move(Enum):
    """What a party can do about help that stands in the ledger."""

    CONFIRM = "say that it reached me, and how much"
    NOT_YET = "say that it did not happen for me yet"
    LET_WAIT = "take my answer back"
    TAKE_BACK = "take back what I said"


class Who(Enum):
    GIVER = "the giver"
    RECEIVER = "the receiver"
    LATELY = "the receiver, who has answered lately"


BY_GIVER: dict[tuple[State, Move], tuple[State, Who]] = {
    (State.SAID, Move.CONFIRM): (State.CONFIRMED, Who.RECEIVER),
    (State.SAID, Move.NOT_YET): (State.NOT_YET, Who.RECEIVER),
    (State.SAID, Move.TAKE_BACK): (State.TAKEN_BACK, Who.GIVER),
    (State.NOT_YET, Move.CONFIRM): (State.CONFIRMED, Who.RECEIVER),
    (State.NOT_YET, Move.LET_WAIT): (State.SAID, Who.RECEIVER),
    (State.NOT_YET, Move.TAKE_BACK): (State.TAKEN_BACK, Who.GIVER),
    (State.CONFIRMED, Move.CONFIRM): (State.CONFIRMED, Who.LATELY),
    (State.CONFIRMED, Move.NOT_YET): (State.NOT_YET, Who.LATELY),
    (State.CONFIRMED, Move.LET_WAIT): (State.SAID, Who.LATELY),
}
"""Of what the giver said."""

BY_RECEIVER: dict[tuple[State, Move], tuple[State, Who]] = {
    (State.CONFIRMED, Move.CONFIRM): (State.CONFIRMED, Who.LATELY),
    (State.CONFIRMED, Move.TAKE_BACK): (State.TAKEN_BACK, Who.LATELY),
}
"""Of what the receiver wrote down themselves."""


def outcome(help: Help, move: Move, side: Side, now: dt.datetime) -> State | None:
    """Return the state that a move of the party `side` leads to, or None when it is not theirs to make now."""
    table = BY_GIVER if help.writer is help.giver_side else BY_RECEIVER
    found = table.get((State(help.state), move))
    if found is None:
        return None
    to, who = found
    may = {
        Who.GIVER: side is help.giver_side,
        Who.RECEIVER: side is not help.giver_side,
        Who.LATELY: side is not help.giver_side
        and help.answered_at is not None
        and now <= help.answered_at + CHANGED_WITHIN,
    }
    return to if may[who] else None


def transitions() -> frozenset[tuple[State, State]]:
    """Return every change of state that anything leads to: what the database lets pass."""
    tables = (*BY_GIVER.items(), *BY_RECEIVER.items())
    return frozenset((state, to) for (state, _move), (to, _who) in tables)
