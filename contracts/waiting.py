"""What of their contracts waits for a member."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Profile, User
from accounts.prepared import AboutMember
from accounts.waiting import Waiting
from contracts.lifecycle import EDITED, HALF_SIGNED, Side, State
from contracts.models import Contract, Edit


def waiting(member: User) -> list[Waiting]:
    """Return what the member could do next, oldest first. One query."""
    found = []
    for first, second, frozen_at, is_changed, *row in _WAITING.of(member):
        contract = Contract(**dict(zip(_ROW, row, strict=True)))
        side = contract.side_of(member)
        words = {"name": Profile(name=second if side is Side.FIRST else first).first_name}
        if said := _sentence(contract, side, words, is_changed=is_changed):
            url, since = contract.get_absolute_url(), frozen_at or contract.started_at
            found.append(Waiting(text=said, url=url, since=since))
    return found


def partners_of(member: User) -> set[int]:
    """Return with whom the member has a contract that is open."""
    return {pk for pair in _PAIRS.of(member) for pk in pair if pk != member.pk}


def _open_ones(member: User) -> QuerySet[Contract]:
    mine = Contract.objects.visible_to(member).open().annotate(is_changed=_is_changed_for(member))
    return mine.order_by("started_at", "pk")


def _is_changed_for(member: User) -> Exists:
    """Whether the other party has changed the text since the member looked. Their own changes are no news to them."""
    return Exists(
        Edit.objects.filter(
            Q(contract__first=member, by=Side.SECOND, number__gt=OuterRef("first_has_seen"))
            | Q(contract__second=member, by=Side.FIRST, number__gt=OuterRef("second_has_seen")),
            contract=OuterRef("pk"),
        )
    )


# An open contract has both parties, so that each has a profile.
_ROW = ("pk", "first_id", "second_id", "state", "signer", "said_done", "started_at")
_WAITING = AboutMember(
    lambda member: _open_ones(member).values_list(
        "first__profile__name", "second__profile__name", "open_version__frozen_at", "is_changed", *_ROW
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


_PAIRS = AboutMember(lambda member: Contract.objects.visible_to(member).open().values_list("first", "second"))
