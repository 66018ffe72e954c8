"""What may become of a proposal, by which a member introduces two others: one table, from × move × who.

While it is asked each of the two answers for themselves: nothing yet, yes or not now. A "not now" ends nothing, since
an end would tell the other of it; it may become a yes as long as it is asked. Two yeses are a meeting, whoever is the
second (docs/decisions/0018).
"""

from dataclasses import dataclass
from itertools import product

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    ASKED = "asked", _("Asked")
    MET = "met", _("Met")
    LAPSED = "lapsed", _("Lapsed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Answer(TextChoices):
    NONE = "", _("Not answered yet")
    YES = "yes", _("Yes")
    NO = "no", _("Not now")


class Party(TextChoices):
    """The two who are asked, and who proposes them to each other."""

    FIRST = "first", _("The first of the two")
    SECOND = "second", _("The second of the two")
    PROPOSER = "proposer", _("Who knows both")


# Who moves when nobody does: the clock.
NOBODY = ""


class Move(TextChoices):
    YES = "yes", _("Said yes")
    NO = "no", _("Said: not now")
    LAPSED = "lapsed", _("Lapsed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@dataclass(frozen=True)
class Standing:
    """Where a proposal stands: its state, and what each of the two has said."""

    state: State
    first: Answer
    second: Answer


def _asked(first: Answer, second: Answer) -> Standing:
    is_met = first is second is Answer.YES
    return Standing(State.MET if is_met else State.ASKED, first, second)


ANSWERS = {Move.YES: Answer.YES, Move.NO: Answer.NO}
OPEN = [_asked(*answers) for answers in product(Answer, repeat=2) if answers != (Answer.YES, Answer.YES)]

TABLE: dict[tuple[Standing, Move, str], Standing] = {
    **{
        (at, move, Party.FIRST): _asked(answer, at.second)
        for at, (move, answer) in product(OPEN, ANSWERS.items())
        if at.first is not answer
    },
    **{
        (at, move, Party.SECOND): _asked(at.first, answer)
        for at, (move, answer) in product(OPEN, ANSWERS.items())
        if at.second is not answer
    },
    **{(at, Move.WITHDRAWN, Party.PROPOSER): Standing(State.WITHDRAWN, at.first, at.second) for at in OPEN},
    **{(at, Move.LAPSED, NOBODY): Standing(State.LAPSED, at.first, at.second) for at in OPEN},
}


def after(standing: Standing, move: Move, by: str) -> Standing | None:
    """Return where the move leads, or nothing when `by` (a Party, or NOBODY) may not make it here."""
    return TABLE.get((standing, move, by))


def moves_of(standing: Standing, by: str) -> frozenset[Move]:
    """Return the moves that `by` may make here: what the buttons of a page ask."""
    return frozenset(move for at, move, who in TABLE if at == standing and who == by)
