"""What of their contracts waits for a member."""

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.waiting import Waiting
from contracts.lifecycle import EDITED, HALF_SIGNED, Side, State
from contracts.models import Contract


def waiting(member: User) -> list[Waiting]:
    """Return what the member could do next, oldest first. One query."""
    mine = Contract.objects.visible_to(member).open().select_related("first__profile", "second__profile")
    found = []
    for contract in mine.order_by("started_at", "pk"):
        side = contract.side_of(member)
        other = contract.member(side.other)
        words = {"name": other.profile.first_name if other else contract.name(side.other)}
        if said := _sentence(contract, side, words):
            found.append(Waiting(text=said, url=contract.get_absolute_url(), since=contract.started_at))
    return found


def _sentence(contract: Contract, side: Side, words: dict[str, str]) -> str:
    if contract.state in HALF_SIGNED:
        return _("%(name)s has signed your contract. It is your turn.") % words if contract.signer != side else ""
    if contract.said_done == side.other:
        return _("%(name)s says that you are there. Are you?") % words
    if contract.state == State.AMENDING:
        return _("You and %(name)s are amending your contract.") % words
    if contract.state in EDITED:
        if contract.head > contract.has_seen(side):
            return _("%(name)s has changed the draft of your contract.") % words
        return _("Your contract with %(name)s is a draft.") % words
    return ""
