"""Ada and Ben on their way: they talk, they have a draft, nothing is missing in it, they have signed."""

import pytest

from contracts.actions import drafting
from contracts.models import Contract
from matching.models import Introduction
from tests.pairs import fill, introduce, put_name
from tests.people import member, settle


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


@pytest.fixture
def yuki(db):
    person = member("yuki@example.org", "Yuki Mori")
    return settle(person, offers={"Bookkeeping": 1}, needs={"Writing": 1})
