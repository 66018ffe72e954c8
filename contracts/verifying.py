"""Whether a PDF is a sealed copy of ours, whole and unchanged; and how a fingerprint stands. Keeps nothing.

In this order: whether the file is one that we have (SHA-256); else its seal, whether it is ours, holds, covers the
whole file and allows no change; then the attached text and record, which are hashed again.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Q

from contracts import chain
from contracts.canonical import document_in, sha256
from contracts.lifecycle import Side
from contracts.models import Contract, SealedFile, Version
from contracts.sealing import inspecting, keys


class Verdict(Enum):
    """What a file is."""

    WHOLE = "whole"
    """Byte for byte the copy that we keep."""
    OURS = "ours"
    """Sealed by us and unchanged; we do not keep it any more, since both parties have left."""
    ALTERED = "altered"
    """It bears our seal, and is not what we sealed."""
    FOREIGN = "foreign"
    """It bears the seal of somebody else."""
    UNSEALED = "unsealed"
    """A PDF without a seal."""
    UNREADABLE = "unreadable"
    """Nothing that could be read as a PDF."""


class Standing(Enum):
    """How a version stands now."""

    IN_FORCE = "in force"
    SUPERSEDED = "superseded"
    ENDED = "ended"


@dataclass(frozen=True)
class Signed:
    """One signature: by whom, and when."""

    name: str
    at: dt.datetime


@dataclass(frozen=True)
class Answer:
    """What is known of a file. All but the verdict only of one that is whole, or ours."""

    verdict: Verdict
    names: tuple[str, ...] = ()
    signed: tuple[Signed, ...] = ()
    sha256: str = ""
    sealed_at: dt.datetime | None = None
    standing: Standing | None = None

    @property
    def is_good(self) -> bool:
        return self.verdict in {Verdict.WHOLE, Verdict.OURS}


def verify(pdf: bytes) -> Answer:
    """Return what a file is."""
    kept = SealedFile.objects.filter(sha256=hashlib.sha256(pdf).hexdigest()).defer("pdf")
    if found := kept.select_related("version__contract").first():
        return _of_kept(found)
    held = inspecting.inspect(pdf)
    if held["problem"] == "no_seal":
        return Answer(Verdict.UNSEALED)
    if held["problem"]:
        return Answer(Verdict.UNREADABLE)
    if not is_ours(held["certificate"]):
        return Answer(Verdict.FOREIGN)
    if not (held["is_valid"] and held["covers_all"] and held["is_unchanged"] and held["seals"] == 1):
        return Answer(Verdict.ALTERED)
    return _of_files(held)


def is_ours(certificate: str) -> bool:
    """Whether the certificate of this SHA-256 is ours, or was."""
    if SealedFile.objects.filter(certificate=certificate).exists():
        return True
    try:
        return certificate in {keys.fingerprint(each) for each in keys.certificates()}
    except keys.NoSeal:
        return False


def standing(fingerprint: str) -> Standing | None:
    """Return how the version of this fingerprint stands (of its text, or of its sealed file); None if it is unknown.

    Only what both have signed is known.
    """
    if len(fingerprint) != 64 or not set(fingerprint) <= set("0123456789abcdef"):
        return None
    both = Version.objects.filter(signatures__side=Side.FIRST).filter(signatures__side=Side.SECOND)
    versions = both.filter(Q(sha256=fingerprint) | Q(sealed__sha256=fingerprint)).select_related("contract")
    found = {_standing(version.contract, version) for version in versions[:100]}
    return next((each for each in Standing if each in found), None)


def _standing(contract: Contract, version: Version) -> Standing:
    if contract.version_in_force_id != version.pk:
        return Standing.SUPERSEDED
    return Standing.IN_FORCE if contract.is_in_force else Standing.ENDED


def _of_kept(kept: SealedFile) -> Answer:
    version = kept.version
    return Answer(
        Verdict.WHOLE,
        names=_names(version.text),
        signed=tuple(
            Signed(each.typed_name, each.signed_at) for each in version.signatures.order_by("signed_at", "pk")
        ),
        sha256=version.sha256,
        sealed_at=kept.sealed_at,
        standing=_standing(version.contract, version),
    )


def _of_files(held: dict[str, Any]) -> Answer:
    """What the attached files of an unbroken seal of ours say, hashed again."""
    try:
        text, record = held["files"]["contract.json"], json.loads(held["files"]["trail.json"])
        links = [chain.link_of(link) for link in record["links"]]
        if chain.fault_in(links, length=len(links), head=links[-1].sha256):
            return Answer(Verdict.ALTERED)
        signed = [
            (json.loads(link.payload), dt.datetime.fromisoformat(link.at.replace("Z", "+00:00")))
            for link in links
            if link.kind == "signed" and link.version == links[-1].version
        ]
        if {said["sha256"] for said, _at in signed} != {sha256(text)}:
            return Answer(Verdict.ALTERED)
        return Answer(
            Verdict.OURS,
            names=_names(text),
            signed=tuple(Signed(said["name"], at) for said, at in signed),
            sha256=sha256(text),
            sealed_at=dt.datetime.fromisoformat(held["sealed_at"]),
            standing=standing(sha256(text)),
        )
    except (KeyError, IndexError, TypeError, ValueError):
        return Answer(Verdict.ALTERED)


def _names(text: str) -> tuple[str, ...]:
    return tuple(str(party["name"]) for party in document_in(text)["parties"])
