"""Two web processes on one database, and tabs that join them."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from accounts.models import User
from contracts.models import Contract
from tests.browser.visits import Server
from tests.contracts.live.tabs import Tab, cookie_of
from tests.serving import Web, serving


@pytest.fixture(scope="session")
def webs(django_db_setup, tmp_path_factory) -> Iterator[list[Web]]:
    with serving(tmp_path_factory.mktemp("live"), count=2) as found:
        yield found


@pytest.fixture
def servers(webs: list[Web], transactional_db) -> list[Server]:
    assert connection.settings_dict["NAME"] in webs[0].server.environment["DATABASE_URL"]
    return [web.server for web in webs]


@pytest.fixture
def open_tab(servers: list[Server]) -> Iterator[Callable[..., Tab]]:
    """Open a draft in a tab: `open_tab(ada, contract)`, by the first web process unless `at` says the second."""
    opened: list[Tab] = []

    def open_one(person: User, contract: Contract, *, at: int = 0, connects: bool = True, **options) -> Tab:
        tab = Tab(servers[at], contract, options.pop("cookie", None) or cookie_of(person), **options)
        opened.append(tab)
        if connects:
            tab("connect")
            tab.settle()
        return tab

    yield open_one
    for tab in opened:
        tab.close()
