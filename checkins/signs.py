"""When one last heard of a pair: the newest of all that either of the two has done for it.

What they answer for themselves alone (whether it is a good fit) is no sign: nobody is to read anything from it.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from checkins.models import CheckIn, Help, Meeting, Pause, Push, Reply, Silence, Tick
from contracts.models import Comment, Contract, Edit, Event, StretchReview
from matching.models import Message


def _last(rows: QuerySet, when: str) -> Subquery:
    """The newest `when` of the rows of a contract."""
    of_contract = rows.filter(contract=OuterRef("pk")).order_by().values("contract")
    return Subquery(of_contract.annotate(last=Max(when)).values("last"))


def _last_message() -> Subquery:
    """The newest message of the two, in whichever conversation of theirs."""
    first, second = OuterRef("first"), OuterRef("second")
    between = Q(introduction__inviter=first, introduction__invited=second)
    back = Q(introduction__inviter=second, introduction__invited=first)
    return Subquery(Message.objects.filter(between | back).order_by("-sent_at").values("sent_at")[:1])


# A new thing that a pair can do is a line here.
_SIGNS = {
    "check_in": _last(CheckIn.objects.all(), "sent_at"),
    "reply": _last(Reply.objects.all(), "said_at"),
    "help_said": _last(Help.objects.all(), "said_at"),
    "help_answered": _last(Help.objects.all(), "answered_at"),
    "push": _last(Push.objects.all(), "said_at"),
    "tick": _last(Tick.objects.all(), "at"),
    "meeting_changed": _last(Meeting.objects.all(), "changed_at"),
    "meeting_held": _last(Meeting.objects.all(), "held_at"),
    "pause_said": _last(Pause.objects.exclude(said_by=""), "said_at"),
    "pause_lifted": _last(Pause.objects.exclude(lifted_by=""), "lifted_at"),
    "move": _last(Event.objects.exclude(by=""), "at"),
    "edit": _last(Edit.objects.exclude(by=""), "at"),
    "comment": _last(Comment.objects.all(), "at"),
    "resolved": _last(Comment.objects.all(), "resolved_at"),
    "review": _last(StretchReview.objects.all(), "at"),
    "said_to_go_on": _last(Silence.objects.all(), "said_at"),
    "message": _last_message(),
    "signed": F("in_force_at"),
}


def last_signs(contracts: Iterable[int]) -> dict[int, dt.datetime]:
    """Return the newest sign of each of these contracts, all of which are or were in force. One query."""
    found = Contract.objects.filter(pk__in=contracts).values_list("pk", *_SIGNS.values())
    return {pk: max(at for at in signs if at is not None) for pk, *signs in found}
