"""The chain of a contract's audit trail: how a link is hashed, and where a chain is not what it was. Pure.

A link's hash is the SHA-256 of these lines, joined by line feeds, in UTF-8:

    peermentor/trail/1
    the contract's number in our database
    the link's number, from 1, without gaps
    the kind
    by: first, second, or an empty line
    the version's number, 0 for none
    the contract's head, the number of its last change
    the instant, UTC, 2026-01-31T12:00:00.000000Z
    the SHA-256 of salt and payload, one after the other
    the SHA-256 of the link before; 64 zeros before the first

Hashes are 64 lower-case hexadecimal digits, a salt too. Where salt and payload are empty they were erased.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

FORMAT = "peermentor/trail/1"
BEGINNING = "0" * 64


@dataclass(frozen=True)
class Link:
    """One event of the trail, as it is hashed. All are strings but the four numbers."""

    contract: int
    number: int
    kind: str
    by: str
    version: int
    head: int
    at: str
    payload: str
    salt: str
    payload_sha256: str
    previous_sha256: str
    sha256: str

    @property
    def is_erased(self) -> bool:
        return not self.payload and not self.salt

    def as_strings(self) -> dict[str, str]:
        """Return the link as it stands in a canonical document, where everything is a string."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Fault:
    """The first place where a chain is not what it was: the number of the link, and what is wrong there."""

    number: int
    sentence: str


def instant(at: dt.datetime) -> str:
    """Return an instant as it is hashed."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def link_of(said: Mapping[str, Any]) -> Link:
    """Return the link that `as_strings` gave. Raises KeyError and ValueError for what is none."""
    numbers = {name: int(said[name]) for name in ("contract", "number", "version", "head")}
    return Link(**{name: numbers.get(name, said[name]) for name in Link.__dataclass_fields__})


def sha256_of(link: Link) -> str:
    """Return the hash that the link should have."""
    lines = (
        *(FORMAT, link.contract, link.number, link.kind, link.by, link.version, link.head, link.at),
        *(link.payload_sha256, link.previous_sha256),
    )
    return hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()


def fault_in(
    links: Iterable[Link], *, length: int, head: str, anchors: Mapping[int, str] | None = None
) -> Fault | None:
    """Return the first fault of a chain that should have `length` links and end with the hash `head`; None if whole.

    `anchors` are the hashes of some links by their number, as others hold them.
    """
    before, number = BEGINNING, 0
    contract: int | None = None
    for number, link in enumerate(links, 1):
        contract = link.contract if contract is None else contract
        if link.number != number or link.contract != contract:
            return Fault(number, _("A link is missing here, or one was put in."))
        if link.previous_sha256 != before:
            return Fault(number, _("It does not follow from the link before."))
        if (
            not link.is_erased
            and hashlib.sha256((link.salt + link.payload).encode()).hexdigest() != link.payload_sha256
        ):
            return Fault(number, _("What it says is not what was hashed."))
        if sha256_of(link) != link.sha256:
            return Fault(number, _("It was altered: its hash is another."))
        if (anchors or {}).get(number, link.sha256) != link.sha256:
            return Fault(number, _("It is not the one that the sealed copy holds."))
        before = link.sha256
    if number != length:
        return Fault(number + 1, _("The trail ends too early, or goes on too long."))
    if before != (head or BEGINNING):
        return Fault(number, _("The trail ends otherwise than the contract says."))
    return None
