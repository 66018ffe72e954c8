"""What a party was shown is noted in the audit trail."""

from django.db import transaction

from accounts.models import User
from accounts.rules import Refused
from contracts.actions.holding import hold, note
from contracts.lifecycle import Side
from contracts.models import AuditEvent, Contract

Kind = AuditEvent.Kind


def opened(*, by: User, contract: Contract) -> None:
    """Note that a party has looked at the text as it stands; once, until it changes."""
    _note_once(by, contract, Kind.OPENED)


def reviewed(*, by: User, contract: Contract, sha256: str) -> None:
    """Note that a party was shown the whole text of this hash to sign; once, until it changes."""
    _note_once(by, contract, Kind.REVIEWED, sha256=sha256)


def _note_once(by: User, contract: Contract, kind: AuditEvent.Kind, **payload: str) -> None:
    if not contract.is_open or _is_noted(contract, kind, contract.side_of(by)):
        return
    try:
        with transaction.atomic():
            held, side = hold(by=by, contract_id=contract.pk)
            # What was shown is of the head that was read; another one has come since, and will be opened by itself.
            if held.is_open and held.head == contract.head and not _is_noted(held, kind, side):
                note(held, kind, by=side, version=None, **payload)
    except (Refused, Contract.DoesNotExist):
        return


def _is_noted(contract: Contract, kind: AuditEvent.Kind, side: Side) -> bool:
    return AuditEvent.objects.filter(contract=contract, kind=kind, by=side, head=contract.head).exists()
