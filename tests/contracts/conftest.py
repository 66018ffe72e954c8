"""Ada and Ben on their way: they talk, they have a draft, nothing is missing in it, they have signed."""

import datetime as dt

import pytest

from accounts import clock
from accounts.models import User
from contracts.actions import drafting, signing
from contracts.canonical import sha256
from contracts.models import Contract
from matching.actions.introductions import accept, invite
from matching.models import Introduction


def introduce(one: User, other: User) -> Introduction:
    """The two have both said that they want to talk."""
    introduction = invite(by=one, member_id=other.pk, note="Shall we?", every_weeks=1, minutes=60, weeks=8)
    accept(by=other, introduction_id=introduction.pk, seen_move=introduction.moves)
    introduction.refresh_from_db()
    return introduction


def fill(contract: Contract, by: User) -> Contract:
    """Say all that a contract needs, so that nothing is missing."""
    today = clock.local().date()
    soon, later = (today + dt.timedelta(days=days) for days in (7, 28))
    for side, name in (("first", "Ada"), ("second", "Ben")):
        change(
            contract,
            by,
            f"goal-{side}",
            {"short": f"{name} finishes", "by": later.isoformat(), "indicator": "It lies on the table", "long": ""},
        )
    contract.refresh_from_db()
    for key, part in draft_of(contract).items():
        if key.startswith("commitment"):
            change(
                contract,
                by,
                key,
                {**part.content, "measure": "amount", "amount": "4", "unit": "hours", "by": later.isoformat()},
            )
    change(
        contract,
        by,
        "rhythm",
        {
            **draft_of(contract)["rhythm"].content,
            "weekday": str(soon.weekday()),
            "time": "18:00",
            "zone": "Europe/London",
            "first_on": soon.isoformat(),
            "medium": "video",
            "where": "https://meet.example/ada-and-ben",
        },
    )
    contract.refresh_from_db()
    return contract


def draft_of(contract: Contract) -> dict:
    from contracts import draft

    return draft.read(Contract.objects.get(pk=contract.pk))


def change(contract: Contract, by: User, key: str, content: dict) -> None:
    """Change a part as it stands now."""
    part = draft_of(contract).get(key)
    drafting.change_part(
        by=by, contract_id=contract.pk, key=key, content=content, base=part.number if part else 0
    )


def put_name(contract: Contract, by: User) -> Contract:
    """Sign what stands there now."""
    contract = Contract.objects.get(pk=contract.pk)
    text = signing.text_to_sign(contract)
    return signing.sign(
        by=by,
        contract_id=contract.pk,
        shown_sha256=sha256(text),
        shown_head=contract.head,
        typed_name=by.profile.name,
        consent=signing.consent_words(),
    )


@pytest.fixture
def introduction(ada, ben) -> Introduction:
    return introduce(ada, ben)


@pytest.fixture
def begun(ada, introduction) -> Contract:
    """A draft with what the profiles say, and gaps."""
    return drafting.start(by=ada, introduction_id=introduction.pk)


@pytest.fixture
def ready(ada, begun) -> Contract:
    """A draft in which nothing is missing."""
    return fill(begun, ada)


@pytest.fixture
def signed_by_ada(ada, ready) -> Contract:
    return put_name(ready, ada)


@pytest.fixture
def in_force(ben, signed_by_ada) -> Contract:
    return put_name(signed_by_ada, ben)
