"""What every action on a contract begins and ends with: the lock, who is asking, and the line in the audit trail."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts import clock, notices, zones
from accounts.clock import Now
from accounts.models import Block, User
from accounts.rules import Refused
from contracts import draft
from contracts.broadcasts import look_again
from contracts.canonical import canonical
from contracts.coverage import Gap, gaps
from contracts.document import Content, document_of
from contracts.lifecycle import ENDED, Move, Side, State, outcome
from contracts.models import AuditEvent, Contract, Event, Version
from contracts.rules import faults

FAMILY = "contract"
LASTS = dt.timedelta(days=7)
# Moves of which the other is told by mail, and that can be made again and again.
TOLD = frozenset({Move.SIGN, Move.TAKE_BACK_SIGNATURE, Move.AMEND, Move.SAY_DONE, Move.SAY_NOT_DONE})
MOST_MOVES_A_DAY = 20


def hold(*, by: User, contract_id: int) -> tuple[Contract, Side]:
    """Lock the contract until the transaction ends; return it with the side of `by`. All updates of the draft are read.

    Raises Contract.DoesNotExist for who is no party, Refused when the other left this moment. Members are locked before
    contracts, everywhere: whoever leaves holds their own row when the contract's turn comes.
    """
    parties = Contract.objects.of(by).values_list("first_id", "second_id").get(pk=contract_id)
    _lock_members(parties)
    contract = Contract.objects.select_for_update(of=("self",)).of(by).filter(pk=contract_id).first()
    if contract is None:
        raise Refused(_("The other one has just left Peermentor, and the contract went with them."))
    settle(contract)
    return contract, contract.side_of(by)


def settle(contract: Contract) -> None:
    """Read the new updates of the draft, and note in the trail who changed what. The caller holds the contract."""
    for edit in draft.settle(contract):
        if edit.by:
            note(contract, AuditEvent.Kind.CHANGED, by=Side(edit.by), part=edit.key)


def hold_for_us(contract_id: int) -> Contract | None:
    """Lock a contract for what we do to it ourselves, in the same order as for a party; None when it is gone."""
    parties = Contract.objects.filter(pk=contract_id).values_list("first_id", "second_id").first() or ()
    _lock_members(parties)
    return Contract.objects.select_for_update(of=("self",)).filter(pk=contract_id).first()


def _lock_members(parties: Iterable[int | None]) -> None:
    with connection.cursor() as cursor:
        members = [member for member in parties if member is not None]
        cursor.execute("SELECT 1 FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [members])


def agree(contract: Contract, move: Move, side: Side) -> State:
    """Return the state that the move leads to. Raises Refused, with the reason, when it is not to be made now."""
    to = outcome(State(contract.state), move, side, signer=contract.signer_side, said_done=contract.said_done_side)
    if to is None:
        raise Refused(why_not(contract, move, side))
    if contract.is_open and are_apart(contract):
        raise Refused(_("This contract has ended."))
    if move in TOLD and _moves_today(contract, side) >= MOST_MOVES_A_DAY:
        raise Refused(_("That was back and forth a lot for one day. Let it rest until tomorrow, or talk it over."))
    return to


def _moves_today(contract: Contract, side: Side) -> int:
    return Event.objects.filter(contract=contract, by=side, at__gt=Now() - dt.timedelta(days=1)).count()


def are_apart(contract: Contract) -> bool:
    """Whether one of the two has blocked the other."""
    pair = [contract.first_id, contract.second_id]
    return Block.objects.filter(blocker__in=pair, blocked__in=pair).exists()


def why_not(contract: Contract, move: Move, side: Side) -> str:
    """Return why a party cannot make this move now, in a sentence."""
    other = contract.name(side.other)
    if contract.state in ENDED:
        return {
            State.DONE: _("This contract is done."),
            State.PARTED: _("This contract has ended."),
            State.TAKEN_BACK: _("This draft was taken back."),
        }[State(contract.state)]
    if move is Move.SIGN:
        if contract.signer_side is side:
            return _("You have signed this text already. Now it is %(name)s’s turn.") % {"name": other}
        return _("There is nothing new to sign: what you both signed is in force.")
    if move is Move.TAKE_BACK_SIGNATURE:
        if contract.is_in_force and contract.state == State.IN_FORCE:
            return _("You have both signed, and the contract is in force. You can amend it, or part.")
        return _("There is no signature of yours to take back.")
    if move is Move.EDIT:
        return _("What you both signed does not change. To change something, begin an amendment.")
    if move is Move.AMEND:
        if contract.is_in_force:
            return _("There is an amendment already. You can both edit it.")
        return _("This contract is not in force yet: you can both still edit it.")
    if move is Move.TAKE_BACK:
        return _("There is no draft to take back.")
    if move in {Move.SAY_DONE, Move.SAY_NOT_DONE} and contract.is_in_force:
        if contract.said_done_side is side:
            return _("You have said so already. Now it is %(name)s’s turn.") % {"name": other}
        return _("You have not said that the goal is met.")
    return _("The contract is not in force.")


def document(contract: Contract, *, upto: int | None = None) -> dict:
    """Return the text of the draft as it stands, or stood at the change `upto`, with the names of the two."""
    return document_from(contract, draft.contents(contract, upto=upto))


def document_from(contract: Contract, parts: Mapping[str, Content]) -> dict:
    """Return the text that these parts make."""
    held = contract.version_in_force
    amends = {"version": str(held.number), "sha256": held.sha256} if held else None
    return document_of(parts, names(contract), amends=amends)


def missing_in(contract: Contract, said: Mapping[str, Any]) -> list[Gap]:
    """Return what the text `said` lacks today, on the clock that the two have agreed on. One small query."""
    today = zones.local_time(said["rhythm"]["zone"], clock.now()).date()
    if contract.open_version_id is not None:
        return gaps(said, today=today, is_frozen=True)
    return gaps(said, today=today) + faults(said, today=today)


def names(contract: Contract) -> Mapping[Side, str]:
    return {side: contract.called(side) for side in Side}


# What the audit trail calls a move, and what it says besides. That a version came into force is said by the signature.
TRAIL: Mapping[Event.Kind, tuple[AuditEvent.Kind, Mapping[str, str]]] = {
    Event.Kind.STARTED: (AuditEvent.Kind.CREATED, {}),
    Event.Kind.SIGNED: (AuditEvent.Kind.SIGNED, {}),
    Event.Kind.SIGNATURE_VOIDED: (AuditEvent.Kind.VOIDED, {"how": "changed"}),
    Event.Kind.SIGNATURE_TAKEN_BACK: (AuditEvent.Kind.VOIDED, {"how": "taken_back"}),
    Event.Kind.AMENDING: (AuditEvent.Kind.AMENDED, {"how": "begun"}),
    Event.Kind.AMENDMENT_TAKEN_BACK: (AuditEvent.Kind.AMENDED, {"how": "taken_back"}),
    Event.Kind.SAID_DONE: (AuditEvent.Kind.SAID_DONE, {}),
    Event.Kind.SAID_NOT_DONE: (AuditEvent.Kind.SAID_NOT_DONE, {}),
    Event.Kind.TAKEN_BACK: (AuditEvent.Kind.ENDED, {"how": "taken_back"}),
    Event.Kind.DONE: (AuditEvent.Kind.ENDED, {"how": "done"}),
    Event.Kind.PARTED: (AuditEvent.Kind.ENDED, {"how": "parted"}),
    Event.Kind.FELL_SILENT: (AuditEvent.Kind.ENDED, {"how": "fell_silent"}),
}


def record(
    contract: Contract, kind: Event.Kind, *, by: Side | None = None, version: Version | None = None, **payload: str
) -> Event:
    """Write down a move, and note it in the audit trail with `payload`. The caller holds the contract."""
    last = Event.objects.filter(contract=contract).order_by("-number").values_list("number", flat=True).first()
    event = Event.objects.create(
        contract=contract, number=(last or 0) + 1, kind=kind, by=by or "", version=version, head=contract.head
    )
    look_again(contract.pk)
    if kind in TRAIL:
        called, said = TRAIL[kind]
        note(contract, called, by=by, version=version, **{**said, **payload})
    return event


def note(
    contract: Contract, kind: AuditEvent.Kind, *, by: Side | None = None, version: Version | None = None, **payload: str
) -> None:
    """Add a link to the audit trail. The caller holds the contract; the database makes number, salt and hashes."""
    AuditEvent.objects.create(
        contract=contract,
        kind=kind,
        by=by or "",
        version=version.number if version else 0,
        head=contract.head,
        payload=canonical(payload),
    )


def tell(contract: Contract, kind: str, *, to: Side, event: Event) -> None:
    """Queue a mail to one party about what `event` says, in the transaction of the fact."""
    member = contract.member(to)
    if member is not None:
        notices.queue(
            key=f"{FAMILY}:{contract.pk}:{event.number}:{kind}:{member.pk}",
            kind=f"{FAMILY}:{kind}",
            address=member.email,
            member=member,
            context={"contract": contract.pk, "event": event.number},
            lasts=LASTS,
        )
