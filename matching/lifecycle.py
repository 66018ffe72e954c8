"""What may become of an introduction: one table, from × move × who. The actions and the buttons ask it, nobody else.

A sent introduction waits for one of three things. `ANSWER`: the inviter's rhythm is on the table and the invited has
the turn. `EXPLANATION`: the invited has asked a question, which the inviter answers. `YES`: the invited has proposed a
rhythm of their own, which is their yes; the inviter's is missing (docs/decisions/0010).
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")
    CLOSED = "closed", _("Closed")


class Side(TextChoices):
    INVITER = "inviter", _("The inviter")
    INVITED = "invited", _("The invited")

    @property
    def other(self) -> "Side":
        return Side.INVITED if self is Side.INVITER else Side.INVITER


# Who moves when neither does: the clock, or a block, of which neither is told.
NOBODY = ""


class Move(TextChoices):
    SENT = "sent", _("Sent")
    ASKED = "asked", _("Asked")
    ANSWERED = "answered", _("Answered")
    PROPOSED = "proposed", _("Proposed another rhythm")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")
    CLOSED = "closed", _("Closed")
    # By somebody who knows both, when both have said yes: it begins accepted (matching.proposing).
    INTRODUCED = "introduced", _("Introduced")


@dataclass(frozen=True)
class Standing:
    """Where an introduction stands: its state and, while it is sent, whose turn it is and whose rhythm is proposed."""

    state: State
    turn_of: Side | None = None
    rhythm_by: Side | None = None


ANSWER = Standing(State.SENT, turn_of=Side.INVITED, rhythm_by=Side.INVITER)
EXPLANATION = Standing(State.SENT, turn_of=Side.INVITER, rhythm_by=Side.INVITER)
YES = Standing(State.SENT, turn_of=Side.INVITER, rhythm_by=Side.INVITED)
ACCEPTED = Standing(State.ACCEPTED)
ENDED = {state: Standing(state) for state in (State.DECLINED, State.WITHDRAWN, State.LAPSED, State.CLOSED)}

OPEN = (State.SENT, State.ACCEPTED)

TABLE: dict[tuple[Standing, Move, str], Standing] = {
    (ANSWER, Move.ACCEPTED, Side.INVITED): ACCEPTED,
    (ANSWER, Move.ASKED, Side.INVITED): EXPLANATION,
    (ANSWER, Move.PROPOSED, Side.INVITED): YES,
    (EXPLANATION, Move.ANSWERED, Side.INVITER): ANSWER,
    (EXPLANATION, Move.PROPOSED, Side.INVITER): ANSWER,
    (EXPLANATION, Move.ACCEPTED, Side.INVITED): ACCEPTED,
    (YES, Move.ACCEPTED, Side.INVITER): ACCEPTED,
    (YES, Move.PROPOSED, Side.INVITER): ANSWER,
    **{(sent, Move.DECLINED, Side.INVITED): ENDED[State.DECLINED] for sent in (ANSWER, EXPLANATION, YES)},
    **{(sent, Move.WITHDRAWN, Side.INVITER): ENDED[State.WITHDRAWN] for sent in (ANSWER, EXPLANATION, YES)},
    **{(sent, Move.LAPSED, NOBODY): ENDED[State.LAPSED] for sent in (ANSWER, EXPLANATION, YES)},
    **{(sent, Move.WITHDRAWN, NOBODY): ENDED[State.WITHDRAWN] for sent in (ANSWER, EXPLANATION, YES)},
    **{(ACCEPTED, Move.CLOSED, who): ENDED[State.CLOSED] for who in (*Side, NOBODY)},
}


def after(standing: Standing, move: Move, by: str) -> Standing | None:
    """Return where the move leads, or nothing when `by` (a Side, or NOBODY) may not make it here."""
    return TABLE.get((standing, move, by))


def moves_of(standing: Standing, by: str) -> frozenset[Move]:
    """Return the moves that `by` may make here: what the buttons of a page ask."""
    return frozenset(move for at, move, who in TABLE if at == standing and who == by)
