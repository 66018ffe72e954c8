"""A real browser before the real server.

The server is a process of its own, started as `make run` starts it, on the database of the tests; hence rows here are
committed, for the length of a test module. The browser ends with this folder: while it runs, its event loop does.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests.browser import chromium
from tests.browser.community import Community, empty_database, settle_community
from tests.browser.snapshot import Snapshot
from tests.browser.visits import Server, log_in
from tests.serving import serving

HERE = Path(__file__).parent

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser.

    The mark of pytest-django makes the test database and puts these tests after those that roll back.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser these tests are skipped, which one line says; in CI they fail.

    Said here rather than in a fixture, since pytest would then have a line for each test.
    """
    if chromium.find() is None:
        is_ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
        (pytest.fail if is_ci else pytest.skip)(chromium.HOW_TO_GET_ONE)


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """In place of pytest-django's, which would empty the database after each test: here `community` does, once."""


@pytest.fixture(scope="package")
def server(django_db_setup, tmp_path_factory) -> Iterator[Server]:
    """The web process, as `make run` has it, on the database of the tests and with an inbox of its own."""
    with serving(tmp_path_factory.mktemp("server")) as [web]:
        yield web.server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this folder."""
    # Playwright's synchronous face runs an event loop in this thread, before which Django would refuse its database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.arguments())
        yield started
        started.close()
        # To the running loop belongs a connection of its own, which would outlive the database.
        connections.close_all()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(scope="package")
def beginning(server: Server, django_db_setup, django_db_blocker) -> Iterator[tuple[Community, Snapshot]]:
    """The members of tests.browser.community, made once, and the rows that they are."""
    with django_db_blocker.unblock():
        empty_database()
        yield settle_community(), Snapshot.take()
        empty_database()


@pytest.fixture(scope="module")
def community(beginning: tuple[Community, Snapshot], django_db_blocker) -> Iterator[Community]:
    """The members of tests.browser.community as they were in the beginning, for all tests of a module."""
    made, snapshot = beginning
    with django_db_blocker.unblock():
        snapshot.put_back()
        yield made.read_anew()


@pytest.fixture
def new_context(browser: Browser, server: Server) -> Iterator[Callable[..., BrowserContext]]:
    """Return what opens another browser, with a clock, a size and cookies of its own."""
    opened: list[BrowserContext] = []

    def open_one(**options) -> BrowserContext:
        settled = {"base_url": server.url, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = browser.new_context(**settled)
        context.set_default_timeout(15_000)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], server: Server) -> Callable[..., Page]:
    """Return what opens a page in which the member is logged in."""

    def open_page(person: User, **options) -> Page:
        context = new_context(**options)
        log_in(context, person, server)
        return context.new_page()

    return open_page
