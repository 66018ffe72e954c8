"""What of their contracts waits for a member."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.waiting import Waiting
from contracts.lifecycle import EDITED, HALF_SIGNED, Side, State
from contracts.models import Contract, Edit


def waiting(member: User) -> list[Waiting]:
    """Return what the member could do next, oldest first. One query."""
    mine = Contract.objects.visible_to(member).open().annotate(is_changed=_is_changed_for(member))
    mine = mine.select_related("first__profile", "second__profile", "open_version")
    found = []
    for contract in mine.order_by("started_at", "pk"):
        side = contract.side_of(member)
        other = contract.member(side.other)
        words = {"name": other.profile.first_name if other else contract.name(side.other)}
        if said := _sentence(contract, side, words, is_changed=contract.is_changed):
            since = contract.open_version.frozen_at if contract.open_version else contract.started_at
            found.append(Waiting(text=said, url=contract.get_absolute_url(), since=since))
    return found


def _is_changed_for(member: User) -> Exists:
    """Whether the other party has changed the text since the member looked. Their own changes are no news to them."""
    return Exists(
        Edit.objects.filter(
            Q(contract__first=member, by=Side.SECOND, number__gt=OuterRef("first_has_seen"))
            | Q(contract__second=member, by=Side.FIRST, number__gt=OuterRef("second_has_seen")),
            contract=OuterRef("pk"),
        )
    )


def _sentence(contract: Contract, side: Side, words: dict[str, str], *, is_changed: bool) -> str:
    if contract.state in HALF_SIGNED:
        return _("%(name)s has signed your contract. It is your turn.") % words if contract.signer != side else ""
    if contract.said_done == side.other:
        return _("%(name)s says that you are there. Are you?") % words
    if contract.state == State.AMENDING:
        return _("You and %(name)s are amending your contract.") % words
    if contract.state in EDITED:
        if is_changed:
            return _("%(name)s has changed the draft of your contract.") % words
        return _("Your contract with %(name)s is a draft.") % words
    return ""
