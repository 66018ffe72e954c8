"""What may become of a contract, and by whom. The actions, the buttons and the database's own table agree."""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    """Which of the two parties."""

    FIRST = "first", _("first party")
    SECOND = "second", _("second party")

    @property
    def other(self) -> "Side":
        return Side.SECOND if self is Side.FIRST else Side.FIRST


class State(models.TextChoices):
    """Where a contract stands. While it is amended, the version before holds."""

    DRAFT = "draft", _("Draft")
    SIGNED_BY_ONE = "signed_by_one", _("Signed by one")
    IN_FORCE = "in_force", _("In force")
    AMENDING = "amending", _("In force, being amended")
    AMENDMENT_SIGNED_BY_ONE = "amendment_signed_by_one", _("In force, amendment signed by one")
    DONE = "done", _("Done")
    PARTED = "parted", _("Parted")
    TAKEN_BACK = "taken_back", _("Taken back")


HOLDING = frozenset({State.IN_FORCE, State.AMENDING, State.AMENDMENT_SIGNED_BY_ONE})
"""Both have signed, and what they signed holds."""

EDITED = frozenset({State.DRAFT, State.AMENDING})
"""The text may be edited, and no signature stands on it."""

HALF_SIGNED = frozenset({State.SIGNED_BY_ONE, State.AMENDMENT_SIGNED_BY_ONE})
OPEN = frozenset({State.DRAFT, State.SIGNED_BY_ONE}) | HOLDING
ENDED = frozenset({State.DONE, State.PARTED, State.TAKEN_BACK})


class Move(Enum):
    """What a party can do to a contract."""

    EDIT = "edit"
    SIGN = "sign"
    TAKE_BACK_SIGNATURE = "take back the signature"
    TAKE_BACK = "take back the draft"
    AMEND = "amend"
    SAY_DONE = "say that the goal is met"
    SAY_NOT_DONE = "take that back"
    PART = "part"


class Who(Enum):
    """Which of the parties may make a move."""

    EITHER = "either party"
    SIGNER = "the one who signed"
    OTHER = "the one who did not sign"
    FIRST_TO_SAY = "the first to say so"
    LAST_TO_SAY = "the one who says so second"
    SAID = "the one who said so"


MOVES: dict[tuple[State, Move], tuple[tuple[State, Who], ...]] = {
    (State.DRAFT, Move.EDIT): ((State.DRAFT, Who.EITHER),),
    (State.DRAFT, Move.SIGN): ((State.SIGNED_BY_ONE, Who.EITHER),),
    (State.DRAFT, Move.TAKE_BACK): ((State.TAKEN_BACK, Who.EITHER),),
    (State.SIGNED_BY_ONE, Move.EDIT): ((State.DRAFT, Who.EITHER),),
    (State.SIGNED_BY_ONE, Move.SIGN): ((State.IN_FORCE, Who.OTHER),),
    (State.SIGNED_BY_ONE, Move.TAKE_BACK_SIGNATURE): ((State.DRAFT, Who.SIGNER),),
    (State.SIGNED_BY_ONE, Move.TAKE_BACK): ((State.TAKEN_BACK, Who.EITHER),),
    (State.IN_FORCE, Move.AMEND): ((State.AMENDING, Who.EITHER),),
    (State.AMENDING, Move.EDIT): ((State.AMENDING, Who.EITHER),),
    (State.AMENDING, Move.SIGN): ((State.AMENDMENT_SIGNED_BY_ONE, Who.EITHER),),
    (State.AMENDING, Move.TAKE_BACK): ((State.IN_FORCE, Who.EITHER),),
    (State.AMENDMENT_SIGNED_BY_ONE, Move.EDIT): ((State.AMENDING, Who.EITHER),),
    (State.AMENDMENT_SIGNED_BY_ONE, Move.SIGN): ((State.IN_FORCE, Who.OTHER),),
    (State.AMENDMENT_SIGNED_BY_ONE, Move.TAKE_BACK_SIGNATURE): ((State.AMENDING, Who.SIGNER),),
    (State.AMENDMENT_SIGNED_BY_ONE, Move.TAKE_BACK): ((State.IN_FORCE, Who.EITHER),),
    **{
        (state, move): outcomes
        for state in HOLDING
        for move, outcomes in {
            Move.SAY_DONE: ((state, Who.FIRST_TO_SAY), (State.DONE, Who.LAST_TO_SAY)),
            Move.SAY_NOT_DONE: ((state, Who.SAID),),
            Move.PART: ((State.PARTED, Who.EITHER),),
        }.items()
    },
}

# What the departure of a party, or a block between the two, makes of a contract.
SEVERED: dict[State, State] = {
    State.DRAFT: State.TAKEN_BACK,
    State.SIGNED_BY_ONE: State.TAKEN_BACK,
    **dict.fromkeys(HOLDING, State.PARTED),
}


# What we make of a contract whose two parties have fallen silent for good: they were asked, and paused, before.
FALLEN_SILENT: dict[State, State] = dict.fromkeys(HOLDING, State.PARTED)


def outcome(
    state: State, move: Move, side: Side, *, signer: Side | None = None, said_done: Side | None = None
) -> State | None:
    """Return the state that a move of the party `side` leads to, or None when the move is not theirs to make now.

    `signer` is who has signed the text that the other has not; `said_done` who has said that the goal is met.
    """
    may = {
        Who.EITHER: True,
        Who.SIGNER: signer is side,
        Who.OTHER: signer is side.other,
        Who.FIRST_TO_SAY: said_done is None,
        Who.LAST_TO_SAY: said_done is side.other,
        Who.SAID: said_done is side,
    }
    return next((to for to, who in MOVES.get((state, move), ()) if may[who]), None)


def transitions() -> frozenset[tuple[State, State]]:
    """Return every change of state that anything leads to: what the database lets pass."""
    made = {(state, to) for (state, _move), outcomes in MOVES.items() for to, _who in outcomes if to is not state}
    return frozenset(made | set(SEVERED.items()) | set(FALLEN_SILENT.items()))
