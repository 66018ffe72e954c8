"""Two people press at the same moment, round after round; after each the contract is looked through for what is wrong.

Used by the tests and by the benchmark `signing`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.rules import Refused
from contracts import draft
from contracts.actions import drafting, ending, holding, signing
from contracts.canonical import canonical, document_in, sha256
from contracts.document import document_of, parts_of
from contracts.draft import Stale
from contracts.lifecycle import ENDED, HALF_SIGNED, State
from contracts.models import Contract, Edit, Event, Signature
from tests.together import Crowd

TIDY = (Refused, Stale)
"""What a party may get for an answer instead of what they asked for; anything else is a fault of ours."""


class Pair:
    """Two members with a contract in which nothing is missing, made anew for each round."""

    def __init__(self, ready: Contract) -> None:
        first, second = ready.first, ready.second
        assert first is not None
        assert second is not None
        self.first: User = first
        self.second: User = second
        self.document = holding.document(ready)
        self.introduction = ready.introduction

    def begin(self) -> Contract:
        for contract in Contract.objects.open().of(self.first).of(self.second):
            move = ending.part if contract.is_in_force else ending.take_back
            move(by=self.first, contract_id=contract.pk)
        with transaction.atomic():
            contract = Contract.objects.create(
                introduction=self.introduction,
                first=self.first,
                second=self.second,
                first_name=self.first.profile.name,
                second_name=self.second.profile.name,
            )
            draft.replace(contract, parts_of(self.document), by=None)
        return contract

    def sign(self, by: User, contract: Contract) -> Callable[[], Any]:
        """Return the press of the button on a page that was opened now."""
        shown = Contract.objects.get(pk=contract.pk)
        digest, head = sha256(signing.text_to_sign(shown)), shown.head
        return lambda: signing.sign(
            by=by,
            contract_id=contract.pk,
            shown_sha256=digest,
            shown_head=head,
            typed_name=by.profile.name,
            consent="yes",
        )

    def edit(self, by: User, contract: Contract, key: str = "goal-first") -> Callable[[], Any]:
        part = draft.read(contract)[key]
        content = {**(part.content or {}), "strategies": f"{by.profile.name} {contract.pk}"}
        return lambda: drafting.change_part(by=by, contract_id=contract.pk, key=key, content=content, base=part.number)


Acts = tuple[Callable[[], Any], Callable[[], Any]]


def sign_against_sign(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    return contract, (pair.sign(pair.first, contract), pair.sign(pair.second, contract))


def sign_against_edit(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    return contract, (pair.sign(pair.first, contract), pair.edit(pair.second, contract))


def second_sign_against_edit(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    pair.sign(pair.first, contract)()
    return contract, (pair.sign(pair.second, contract), pair.edit(pair.first, contract))


def second_sign_against_taking_back(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    pair.sign(pair.first, contract)()
    take_back = lambda: signing.take_back_signature(by=pair.first, contract_id=contract.pk)  # noqa: E731
    return contract, (pair.sign(pair.second, contract), take_back)


def edit_against_edit(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    return contract, (pair.edit(pair.first, contract), pair.edit(pair.second, contract))


def double_click(pair: Pair) -> tuple[Contract, Acts]:
    contract = pair.begin()
    press = pair.sign(pair.first, contract)
    return contract, (press, press)


RACES = {
    "sign against sign": sign_against_sign,
    "sign against edit": sign_against_edit,
    "second sign against edit": second_sign_against_edit,
    "second sign against taking back": second_sign_against_taking_back,
    "edit against edit": edit_against_edit,
    "double click on sign": double_click,
}


@dataclass
class Tally:
    """What came of the rounds of one race."""

    rounds: int = 0
    overlapped: int = 0
    wrong: int = 0
    first_wrong: str = ""


def run(pair: Pair, race: Callable[[Pair], tuple[Contract, Acts]], rounds: int) -> Tally:
    tally = Tally()
    with Crowd(2) as crowd:
        for _round in range(rounds):
            contract, acts = race(pair)
            outcomes = crowd.at_once(*acts)
            tally.rounds += 1
            tally.overlapped += crowd.overlapped
            if found := [*faults_of(outcomes), *faults(Contract.objects.get(pk=contract.pk))]:
                tally.wrong += 1
                tally.first_wrong = tally.first_wrong or "; ".join(found)
                # A contract that is wrong may not be laid aside by the rules; the next round has one of its own.
                Contract.objects.filter(pk=contract.pk, state__in=HALF_SIGNED | {State.DRAFT}).update(
                    state=State.TAKEN_BACK, open_version=None, signer="", ended_at=contract.started_at
                )
    return tally


def faults_of(outcomes: list[Any]) -> list[str]:
    return [
        f"{type(outcome).__name__}: {outcome}"
        for outcome in outcomes
        if isinstance(outcome, Exception) and not isinstance(outcome, TIDY)
    ]


def faults(contract: Contract) -> list[str]:
    """Return what is wrong with a contract, by the rules of the design."""
    found = []
    versions = list(contract.versions.prefetch_related("signatures"))
    names = {party["side"]: party["name"] for party in _document(versions, contract)["parties"]}
    for version in versions:
        sides = [signature.side for signature in version.signatures.all()]
        if len(set(sides)) != len(sides):
            found.append("one party signed one version twice")
        if any(signature.sha256 != version.sha256 for signature in version.signatures.all()):
            found.append("a signature names another text")
        frozen = document_of(draft.contents(contract, upto=version.head), {side: names[side] for side in names})  # type: ignore[misc]
        if canonical({**frozen, "amends": document_in(version.text)["amends"]}) != version.text:
            found.append(f"version {version.number} is not the draft of its moment")
    numbers = list(Edit.objects.filter(contract=contract).order_by("number").values_list("number", flat=True))
    if numbers and numbers[-1] > contract.head:
        found.append("an edit is newer than the head")
    if contract.state in HALF_SIGNED:
        opened = contract.open_version
        if opened is None or opened.head != contract.head:
            found.append("what one has signed is not the text as it stands")
        elif [signature.side for signature in opened.signatures.all()] != [contract.signer]:
            found.append("not exactly the signer has signed")
    held = contract.version_in_force
    if contract.is_in_force and (held is None or held.signatures.count() != 2):
        found.append("in force without two signatures")
    if not contract.is_in_force and contract.state not in ENDED:
        found += [
            "both have signed, and it is not in force"
            for version in versions
            if version.head == contract.head and len(version.signatures.all()) == 2
        ]
    signed = Event.objects.filter(contract=contract, kind=Event.Kind.SIGNED).count()
    if signed != Signature.objects.filter(version__contract=contract).count():
        found.append("the audit trail does not count the signatures")
    return found


def _document(versions: list, contract: Contract) -> dict[str, Any]:
    return document_in(versions[0].text) if versions else holding.document(contract)


@contextmanager
def without_the_lock() -> Iterator[None]:
    """The control: every action reads the contract as before, and does not wait for anybody."""

    def unlocked(*, by: User, contract_id: int):
        contract = Contract.objects.of(by).get(pk=contract_id)
        return contract, contract.side_of(by)

    modules = (drafting, signing, ending)
    held = holding.hold
    for module in modules:
        module.hold = unlocked  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in modules:
            module.hold = held  # type: ignore[attr-defined]
