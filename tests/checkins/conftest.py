"""Ada in London and Ben in New York have a contract in force: they meet every week at 18:00 in London."""

import datetime as dt

import pytest

from accounts.actions.profiles import save_rhythm
from accounts.models import User
from checkins import series
from checkins.actions.checkins import Said
from checkins.series import Occurrence
from contracts.actions import drafting
from contracts.models import Contract
from tests.pairs import change, draft_of, fill, introduce, put_name

SAID = Said(moved="Two chapters", next_step="Write to Jo", confidence=4)


@pytest.fixture
def contract(ada, ben) -> Contract:
    save_rhythm(
        by=ben, hours_per_week=3, free_hours=[12, 13, 14], languages=["en"], media=["video"],
        time_zone="America/New_York",
    )  # fmt: skip
    ben.refresh_from_db()
    begun = drafting.start(by=ada, introduction_id=introduce(ada, ben).pk)
    fill(begun, ada)
    goal = draft_of(begun)["goal-first"].content
    numbers = {
        "start": "2",
        "target": "12",
        "unit": "chapters",
        "strategies": "Write before breakfast\n- Ask Jo; read aloud",
    }
    change(begun, ada, "goal-first", {**goal, **numbers, "long": "A novel"})
    put_name(begun, ada)
    return put_name(begun, ben)


def meetings_of(contract: Contract) -> list[Occurrence]:
    found = series.of(Contract.objects.get(pk=contract.pk))
    assert found is not None
    return found.all()


def first_of(contract: Contract) -> Occurrence:
    return meetings_of(contract)[0]


def find(contract: Contract, on: dt.date) -> Occurrence:
    return next(one for one in meetings_of(contract) if one.on == on)


def in_zone(member: User, zone: str) -> User:
    User.objects.filter(pk=member.pk).update(time_zone=zone)
    member.refresh_from_db()
    return member
