"""A contract is amended, done, taken back or parted."""

from collections.abc import Mapping

from django.db import transaction

from accounts.clock import Now
from accounts.models import User
from contracts import draft
from contracts.actions.holding import agree, hold, record, tell
from contracts.canonical import document_in
from contracts.document import Content, parts_of
from contracts.lifecycle import ENDED, FALLEN_SILENT, SEVERED, Move, Side, State
from contracts.models import Contract, Event


def amend(*, by: User, contract_id: int) -> None:
    """Begin an amendment: the text of the version in force as a draft. Until both sign it, that version holds."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        begin_amendment(contract, side)


def begin_amendment(
    contract: Contract,
    side: Side,
    *,
    how: str = "begun",
    parts: Mapping[str, Content] | None = None,
    telling: str = "amending",
) -> None:
    """Make a draft of the version in force, or of `parts`; `how` says to the trail what it was for.

    `telling` is the mail that the other gets. The caller holds the contract.
    """
    contract.state = agree(contract, Move.AMEND, side)
    contract.save(update_fields=["state"])
    assert contract.version_in_force is not None
    begun = parts_of(document_in(contract.version_in_force.text)) if parts is None else parts
    draft.replace(contract, begun, by=None)
    Contract.objects.filter(pk=contract.pk).update(first_has_seen=contract.head, second_has_seen=contract.head)
    event = record(contract, Event.Kind.AMENDING, by=side, how=how)
    tell(contract, telling, to=side.other, event=event)


def take_back(*, by: User, contract_id: int) -> State:
    """Take the draft back, or the amendment; return what the contract is now. A signature on it is void."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        to = agree(contract, Move.TAKE_BACK, side)
        _put_down(contract, to)
        is_amendment = to is State.IN_FORCE
        kind = Event.Kind.AMENDMENT_TAKEN_BACK if is_amendment else Event.Kind.TAKEN_BACK
        event = record(contract, kind, by=side)
        tell(contract, "amendment_taken_back" if is_amendment else "taken_back", to=side.other, event=event)
        return to


def say_done(*, by: User, contract_id: int) -> State:
    """Say that the goal is met; when both have said so the contract is done. Return what it is now."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        to = agree(contract, Move.SAY_DONE, side)
        if to is State.DONE:
            _put_down(contract, to)
            event = record(contract, Event.Kind.DONE, by=side)
            for each in Side:
                tell(contract, "done", to=each, event=event)
        else:
            contract.said_done = side
            contract.save(update_fields=["said_done"])
            event = record(contract, Event.Kind.SAID_DONE, by=side)
            tell(contract, "said_done", to=side.other, event=event)
        return to


def say_not_done(*, by: User, contract_id: int) -> None:
    """Take back that the goal is met."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        agree(contract, Move.SAY_NOT_DONE, side)
        contract.said_done = ""
        contract.save(update_fields=["said_done"])
        record(contract, Event.Kind.SAID_NOT_DONE, by=side)


def part(*, by: User, contract_id: int) -> None:
    """End a contract in force, without a reason. What was signed stays readable for both."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        _put_down(contract, agree(contract, Move.PART, side))
        event = record(contract, Event.Kind.PARTED, by=side)
        tell(contract, "parted", to=side.other, event=event)


def sever(contract: Contract) -> None:
    """End what stands between two of whom one has blocked the other. Neither is told, nor who did it.

    The caller holds the contract.
    """
    to = SEVERED.get(State(contract.state))
    if to is not None:
        _put_down(contract, to)
        record(contract, Event.Kind.PARTED if to is State.PARTED else Event.Kind.TAKEN_BACK)


def close_with_thanks(contract: Contract) -> None:
    """End the contract of two who have fallen silent, so that both are free. Both are told, and thanked.

    The caller holds the contract, and has asked both before (checkins.silence). One that does not hold is left alone.
    """
    to = FALLEN_SILENT.get(State(contract.state))
    if to is not None:
        _put_down(contract, to)
        event = record(contract, Event.Kind.FELL_SILENT)
        for each in Side:
            tell(contract, "fell_silent", to=each, event=event)


def _put_down(contract: Contract, to: State) -> None:
    """Lay down what is being edited, signed by one or not, and go on to the state `to`."""
    contract.state, contract.open_version, contract.signer = to, None, ""
    fields = ["state", "open_version", "signer"]
    if to in ENDED:
        contract.ended_at = Now()
        fields.append("ended_at")
    contract.save(update_fields=fields)
