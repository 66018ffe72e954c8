"""The audit trail of a contract as it is kept: read, and walked from its beginning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import chain
from contracts.chain import Fault, Link
from contracts.models import Contract, SealedFile

_COLUMNS = (
    *("contract_id", "number", "kind", "by", "version", "head", "at"),
    *("payload", "salt", "payload_sha256", "previous_sha256", "sha256"),
)


@dataclass(frozen=True)
class Trail:
    """A contract's trail as it is now, with the length and the last hash that the contract's own row says, and the
    hashes that its sealed copies hold."""

    links: list[Link]
    length: int
    head: str
    anchors: Mapping[int, str]

    @property
    def fault(self) -> Fault | None:
        """The first place where it was altered; None when it is whole."""
        return chain.fault_in(self.links, length=self.length, head=self.head, anchors=self.anchors)


def read(contract: Contract) -> Trail:
    """Return the whole trail. It is one query, so that what is added meanwhile is in all of it or in nothing; one more,
    before it, for what the sealed copies hold."""
    sealed = SealedFile.objects.filter(version__contract=contract)
    anchors = dict(sealed.values_list("trail_number", "trail_head"))
    columns = [f"trail__{name}" for name in _COLUMNS]
    rows = list(
        Contract.objects.filter(pk=contract.pk)
        .order_by("trail__number")
        .values_list("trail_length", "trail_head", *columns)
    )
    [(length, head), *_others] = {row[:2] for row in rows}
    return Trail([_link(row[2:]) for row in rows if row[2] is not None], length, head, anchors)


def _link(row: Sequence[Any]) -> Link:
    contract, number, kind, by, version, head, at, *hashed = row
    return Link(contract, number, kind, by, version, head, chain.instant(at), *hashed)
