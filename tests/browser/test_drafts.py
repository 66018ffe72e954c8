"""Nothing that was typed is lost: a closed tab, "Skip for now", a form that was never sent."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from accounts.models import Draft, Goal
from tests.browser.community import Community
from tests.browser.visits import wait_until
from tests.people import member

HALF = "I would like to finish"


@pytest.fixture
def newcomer(community: Community, request: pytest.FixtureRequest):
    """A member of this test alone, who has said nothing yet."""
    return member(f"{request.node.name[:40].replace('_', '-')}@example.org", "Drew Half")


def test_half_a_goal_is_there_when_they_come_back(page_of: Callable[..., Page], newcomer) -> None:
    page = page_of(newcomer)
    page.goto("/welcome/goal/")
    page.get_by_label("Your goal for about a month").fill(HALF)
    expect(page.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    page.close()

    another = page_of(newcomer)
    another.goto("/welcome/goal/")
    expect(another.get_by_label("Your goal for about a month")).to_have_value(HALF)
    expect(another.get_by_text("This is what you typed last time. It is not sent yet.")).to_be_visible()
    assert not Goal.objects.filter(member=newcomer).exists()


def test_what_was_typed_in_the_last_moment_is_kept(page_of: Callable[..., Page], newcomer) -> None:
    page = page_of(newcomer)
    page.goto("/welcome/goal/")
    page.get_by_label("Your goal for about a month").fill(HALF)
    page.goto("/help/")
    # The words travel on after the page is gone; nothing on the screen says when they have arrived.
    wait_until(Draft.objects.filter(member=newcomer, form="goal").exclude(values={}).exists)
    page.goto("/welcome/goal/")
    expect(page.get_by_label("Your goal for about a month")).to_have_value(HALF)


@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with scripts", "without scripts"]
)
def test_skip_for_now_keeps_it(scripts: bool, page_of: Callable[..., Page], community: Community) -> None:
    person = member(f"skip-{scripts}@example.org", "Drew Half")
    page = page_of(person, java_script_enabled=scripts)
    page.goto("/welcome/goal/")
    page.get_by_label("Your goal for about a month").fill(HALF)
    page.get_by_role("button", name="Skip for now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you have that could help somebody?")
    page.go_back()
    page.goto("/welcome/goal/")
    expect(page.get_by_label("Your goal for about a month")).to_have_value(HALF)


def test_a_form_that_was_sent_leaves_no_draft(page_of: Callable[..., Page], newcomer) -> None:
    page = page_of(newcomer)
    page.goto("/welcome/goal/")
    page.get_by_label("Your goal for about a month").fill(HALF)
    expect(page.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you have that could help somebody?")
    assert Goal.objects.get(member=newcomer).text == HALF
    assert not Draft.objects.filter(member=newcomer).exclude(values={}).exists()


def test_two_tabs_keep_the_newer_words(page_of: Callable[..., Page], newcomer) -> None:
    first = page_of(newcomer)
    second = first.context.new_page()
    for page in (first, second):
        page.goto("/welcome/goal/")
    first.get_by_label("Your goal for about a month").fill("The older words")
    expect(first.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    second.get_by_label("Your goal for about a month").fill("The newer words")
    expect(second.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    # The first tab has nothing new to say: closing it must not bring the older words back.
    first.goto("/help/")
    second.goto("/welcome/goal/")
    expect(second.get_by_label("Your goal for about a month")).to_have_value("The newer words")


def test_a_form_that_is_sent_while_its_draft_is_on_the_way_leaves_none(page_of: Callable[..., Page], newcomer) -> None:
    page = page_of(newcomer)
    page.goto("/welcome/goal/")
    # The draft arrives long after the form: a slow line.
    under_way: list[Route] = []
    page.route("**/drafts/goal/", lambda route: under_way.append(route))
    page.get_by_label("Your goal for about a month").fill(HALF)
    page.wait_for_timeout(900)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you have that could help somebody?")
    assert under_way
    for route in under_way:
        with suppress(Error):  # the page has given it up, which is as good
            route.continue_()
    page.wait_for_timeout(500)
    assert not Draft.objects.filter(member=newcomer).exclude(values={}).exists()


def test_start_afresh_empties_the_form_and_forgets_the_draft(page_of: Callable[..., Page], newcomer) -> None:
    page = page_of(newcomer)
    page.goto("/welcome/goal/")
    page.get_by_label("Your goal for about a month").fill(HALF)
    expect(page.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_label("Your goal for about a month")).to_have_value("")
    expect(page.get_by_role("button", name="Start afresh")).to_have_count(0)
    assert not Draft.objects.filter(member=newcomer).exclude(values={}).exists()


def test_half_a_message_is_there_when_they_come_back(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada)
    talk = community.introduction_of("ada", "yuki").get_absolute_url()
    page.goto(talk)
    page.get_by_label("Your message").fill("Dear Yuki, I")
    expect(page.get_by_role("status").filter(has_text="Saved for later")).to_be_visible()
    page.goto("/help/")
    page.goto(talk)
    expect(page.get_by_label("Your message")).to_have_value("Dear Yuki, I")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Dear Yuki, I")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("")
