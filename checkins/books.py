"""The ledgers of contracts, read: the versions that came into force, and all help on them. Two queries."""

import datetime as dt
from collections.abc import Iterable

from accounts.zones import clock_of
from checkins.ledger import Ledger, Text, ledger
from checkins.models import Help
from contracts.canonical import document_in
from contracts.models import Contract, Event


def read(contracts: Iterable[Contract]) -> dict[int, Ledger]:
    """Return the ledger of each contract that is or was in force. Two queries, however many they are."""
    ids = [contract.pk for contract in contracts]
    texts: dict[int, list[Text]] = {}
    in_force = Event.objects.filter(contract__in=ids, kind=Event.Kind.IN_FORCE).order_by("contract", "number")
    for pk, at, number, said in in_force.values_list("contract", "at", "version__number", "version__text"):
        document = document_in(said)
        texts.setdefault(pk, []).append(Text(number, _day(at, document["rhythm"]["zone"]), document))
    helped: dict[int, list[Help]] = {pk: [] for pk in texts}
    for each in Help.objects.filter(contract__in=texts).order_by("on", "id"):
        helped[each.contract_id].append(each)
    return {pk: ledger(versions, helped[pk]) for pk, versions in texts.items()}


def of(contract: Contract) -> Ledger:
    """Return the ledger of a contract; one that never was in force has an empty one."""
    return read([contract]).get(contract.pk, Ledger())


def _day(at: dt.datetime, zone: str) -> dt.date:
    return at.astimezone(clock_of(zone)).date()
