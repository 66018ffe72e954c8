"""What may become of a card: one table, asked by the actions and by the buttons of its owner's pages."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    OPEN = "open", _("Open")
    USED = "used", _("Used")
    TAKEN_BACK = "taken_back", _("Taken back")
    RUN_OUT = "run_out", _("Run out")


class Verb(TextChoices):
    """What the owner may do, and `MEET`, which is the guest's."""

    CHANGE = "change", _("Change")
    SEND = "send", _("Send")
    RENEW = "renew", _("Renew")
    REVOKE = "revoke", _("Take back")
    RESTORE = "restore", _("Put back")
    MEET = "meet", _("Meet")


TABLE: dict[tuple[State, Verb], State] = {
    (State.OPEN, Verb.CHANGE): State.OPEN,
    (State.OPEN, Verb.SEND): State.OPEN,
    (State.OPEN, Verb.RENEW): State.OPEN,
    (State.OPEN, Verb.REVOKE): State.TAKEN_BACK,
    (State.OPEN, Verb.MEET): State.USED,
    (State.TAKEN_BACK, Verb.RESTORE): State.OPEN,
    # Its words are good for another month, under another link.
    (State.RUN_OUT, Verb.CHANGE): State.RUN_OUT,
    (State.RUN_OUT, Verb.RENEW): State.OPEN,
}


def after(state: State, verb: Verb) -> State | None:
    """Return what the verb makes of a card in this state; None when it may not be done."""
    return TABLE.get((state, verb))


def verbs_of(state: State) -> frozenset[Verb]:
    """Return what may be done to a card in this state: what the buttons ask."""
    return frozenset(verb for at, verb in TABLE if at == state)
