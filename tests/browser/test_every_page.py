"""Every page, in every state of tests/pages.py, is fit for everybody.

Nothing for axe to find, nothing in the console, nothing that the Content-Security-Policy refuses, nothing to scroll
sideways, and whatever points at something points at something that is there.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser.checks import Look, faults, faults_of_markup
from tests.browser.community import Community
from tests.browser.visits import Server, log_in, send
from tests.pages import FAULTS, PAGES, State

ALWAYS = [Look("light", 1280), Look("dark", 320)]
# One question asked in three ways, under one heading.
ALIKE = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
# What is refused is said by the same few templates everywhere: one page for each, all of them in the slow run.
REFUSED_EACH_TIME = {
    *("account_signup", "mfa_activate_totp", "listing_add", "goal_edit", "rhythm_edit", "introduction", "card_edit"),
    *("part_edit", "contract_sign", "meeting", "check_in", "help_say", "fit", "push", "delete_account"),
}
IN_BOTH_LOOKS = {
    *("home", "account_login", "how_it_works", "settings", "profile", "listings", "goal_edit", "rhythm_edit"),
    *(
        "partners",
        "partner",
        "introduction",
        "card_edit",
        "proposal",
        "contract",
        "contract_sign",
        "version",
        "comments",
    ),
    *("weeks", "meeting", "meeting_call", "check_in", "pair_help", "my_story", "fit"),
}
OF_THE_WAY_IN = {"account_login", "account_signup", "account_email", "mfa_index", "mfa_activate_totp"}
# Whatever is written there is kept as it is, and asked about when it is sent, on another page.
NEVER_WRONG = {"meeting_call"}
SLOWLY = [
    *(Look(scheme, width) for scheme in ("light", "dark") for width in (320, 360, 768, 1280)),
    Look("light", 1280, forced_colors="active"),
    Look("dark", 360, forced_colors="active"),
    Look("light", 640, text_percent=200),
    Look("dark", 640, text_percent=200),
]
ALL_STATES = [(name, state) for name, states in PAGES.items() for state in states]
STATES = [pytest.param(name, state, id=f"{name}: {state.name}") for name, state in ALL_STATES]


def main_state(name: str) -> State:
    """Return the state of a page in which most is on it."""
    return next((each for each in PAGES[name] if each.name == "filled"), PAGES[name][0])


def _is_near(name: str, state: State) -> bool:
    """Whether it is looked at each time: the main state, the longest words, and of some pages what was refused.

    The pages of the way in share their templates: of these a few.
    """
    if name.startswith(("account_", "mfa_", "usersessions_")) and name not in OF_THE_WAY_IN:
        return False
    return not state.is_further and (
        state is main_state(name)
        or state.name == "longest"
        or (state.name.startswith("errors") and name in REFUSED_EACH_TIME)
    )


NEAR_STATES = [
    pytest.param(name, state, id=f"{name}: {state.name}", marks=[] if _is_near(name, state) else [pytest.mark.slow])
    for name, state in ALL_STATES
]


@dataclass
class Visit:
    """One page in the browser, and what went wrong on the way to it."""

    page: Page
    server: Server
    community: Community
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"script: {error}"))

    def _hear(self, message: ConsoleMessage) -> None:
        is_page_itself = message.text.startswith("Failed to load resource") and (
            message.location["url"].partition("#")[0] == self.page.url.partition("#")[0]
        )
        # A page that says 404 is what was asked for.
        if message.type in {"error", "warning"} and not is_page_itself:
            self.said.append(f"console: {message.text}")

    def go(self, name: str, *args: object) -> None:
        self.page.goto(reverse(name, args=args))

    def send(self, fields: dict, **where: str) -> None:
        send(self.page, fields, **where)

    def reset_link(self, name: str) -> str:
        person = getattr(self.community, name)
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        return f"/accounts/password/reset/key/{key}/"

    def come_to(self, name: str, state: State) -> None:
        """Go to the page in this state."""
        if state.who:
            person = getattr(self.community, state.who)
            log_in(self.page.context, person, self.server, is_recent=state.is_recent)
        if state.arrive:
            state.arrive(self)
        else:
            args = state.args(self.community) if callable(state.args) else state.args
            self.page.goto(reverse(name, args=args) + (f"?{state.query}" if state.query else ""))
        if state.send is not None:
            self.send(state.send, form=state.form, button=state.button)


@pytest.fixture(scope="module")
def shared_context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """One window for all pages, which keeps styles and fonts in its cache."""
    context = browser.new_context(base_url=server.url, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def visit(shared_context: BrowserContext, server: Server, community: Community) -> Iterator[Visit]:
    """A new page in which nobody is logged in."""
    shared_context.clear_cookies()
    page = shared_context.new_page()
    yield Visit(page, server, community)
    page.close()


@pytest.fixture(scope="session")
def whose_title(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Return what says whose page had the title first. All workers know it: each title is a link to a name."""
    root = tmp_path_factory.getbasetemp()
    titles = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "titles"
    titles.mkdir(exist_ok=True)

    def whose(title: str, name: str) -> str:
        link = titles / sha256(title.encode()).hexdigest()
        with suppress(FileExistsError):
            link.symlink_to(name)
        return str(link.readlink())

    return whose


def look_at(visit: Visit, looks: list[Look]) -> list[str]:
    """Return what is wrong with the page, with how it was looked at."""
    visit.page.wait_for_load_state("load")
    found = faults_of_markup(visit.page)
    for look in looks:
        look.at(visit.page)
        found += [f"{look}: {fault}" for fault in faults(visit.page, look)]
    return found + visit.said


@pytest.mark.parametrize(("name", "state"), NEAR_STATES)
def test_page(name: str, state: State, visit: Visit, whose_title: Callable[[str, str], str]) -> None:
    visit.come_to(name, state)
    address = visit.page.url.removeprefix(visit.server.url).partition("?")[0].partition("#")[0]
    assert resolve(address).view_name == (state.ends_on or name), visit.page.locator("main").inner_text()
    assert "text/html" in visit.page.evaluate("document.contentType")
    has_errors = state.name.startswith("errors")
    title = visit.page.title()
    assert title.startswith("Error: ") == has_errors
    # Some in both looks, the others in the narrow one; all of them in every look in the slow run.
    found = look_at(visit, ALWAYS if state is main_state(name) and name in IN_BOTH_LOOKS else ALWAYS[-1:])
    if has_errors:
        summary = visit.page.locator("[data-problem]")
        assert summary.count() == 1
        assert summary.evaluate("(summary) => summary === document.activeElement")
    elif (
        name not in NEVER_WRONG
        and not any(other.name.startswith("errors") for other in PAGES[name])
        and _asks(visit.page)
    ):
        found.append("has a form to fill in, and no state “errors” in tests/pages.py")
    if state is main_state(name) and name not in ALIKE and (first := whose_title(title, name)) != name:
        found.append(f"is called “{title}”, as {first} is")
    assert not found, "\n".join(found)


def _asks(page: Page) -> bool:
    """Whether the page has a form to fill in that the page's own server answers."""
    return page.locator("main form[method=post] :is(input:not([type=hidden]), textarea, select):visible").count() > 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "state"), STATES)
def test_page_in_every_look(name: str, state: State, visit: Visit) -> None:
    visit.come_to(name, state)
    found = look_at(visit, SLOWLY)
    assert not found, "\n".join(found)


@pytest.fixture
def fault_page(visit: Visit) -> Callable[[str], Visit]:
    """Return what shows a page of faults, as a server that answers with it would."""

    def show(number: str) -> Visit:
        header = visit.page.request.get("/healthz").headers.get("content-security-policy", "")
        header = header or visit.page.request.get("/help/").headers["content-security-policy"]
        visit.page.route(
            "**/a-fault/",
            lambda route: route.fulfill(
                status=int(number[:3]),
                content_type="text/html; charset=utf-8",
                headers={"Content-Security-Policy": header},
                body=render_to_string(f"{number}.html"),
            ),
        )
        visit.page.goto("/a-fault/")
        return visit

    return show


@pytest.mark.parametrize("number", FAULTS)
def test_page_of_a_fault(number: str, fault_page: Callable[[str], Visit]) -> None:
    found = look_at(fault_page(number), ALWAYS)
    assert not found, "\n".join(found)


def test_an_address_that_is_not_there_gets_the_page_404(visit: Visit) -> None:
    answer = visit.page.goto("/nothing-is-here/")
    assert answer.status == 404
    assert look_at(visit, ALWAYS) == []


def test_a_form_that_is_too_old_gets_the_page_403(visit: Visit) -> None:
    visit.go("account_login")
    visit.page.locator("main form input[name=csrfmiddlewaretoken]").first.evaluate("(token) => token.remove()")
    visit.send({"login": "ada@example.org", "password": "whatever it is"})
    assert visit.page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") == 403
    assert look_at(visit, ALWAYS) == []
