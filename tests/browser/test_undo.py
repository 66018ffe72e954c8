"""What is removed by mistake comes back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Listing
from tests.browser.community import Community
from tests.people import member, settle

SCRIPTS = pytest.mark.parametrize(
    "scripts",
    [pytest.param(True, id="with scripts"), pytest.param(False, id="without scripts", marks=pytest.mark.slow)],
)


@SCRIPTS
def test_a_removed_listing_comes_back_as_it_was(
    scripts: bool, page_of: Callable[..., Page], community: Community
) -> None:
    person = settle(
        member(f"undo-{scripts}@example.org", "Una Undo"),
        offers={"Writing": 3, "Falconry": 2, "Knitting": 1},
        needs={"Sailing": 3},
    )
    before = list(Listing.objects.owned_by(person).standing().order_by("side", "position").values())
    page = page_of(person, java_script_enabled=scripts)
    page.goto("/offers-and-needs/")
    page.get_by_role("button", name=re.compile("^Remove ?: Falconry")).click()
    expect(page.get_by_role("heading", name="Falconry", exact=True)).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("“Falconry” is off your list.")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("heading", name="Falconry", exact=True)).to_be_visible()
    assert list(Listing.objects.owned_by(person).standing().order_by("side", "position").values()) == before


@SCRIPTS
def test_a_goal_that_was_let_go_comes_back(scripts: bool, page_of: Callable[..., Page], community: Community) -> None:
    person = settle(member(f"goal-{scripts}@example.org", "Una Undo"), offers={"Writing": 3}, needs={"Sailing": 3})
    page = page_of(person, java_script_enabled=scripts)
    page.goto("/goals/")
    page.get_by_role("button", name="Let it go").click()
    expect(page.get_by_text("You let that goal go.")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_role("button", name="Let it go")).to_be_visible()


@SCRIPTS
def test_a_block_is_lifted_from_the_message(scripts: bool, page_of: Callable[..., Page], community: Community) -> None:
    person = settle(member(f"block-{scripts}@example.org", "Una Undo"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    page = page_of(person, java_script_enabled=scripts)
    page.goto(f"/partners/{community.ben.pk}/")
    page.locator("summary", has_text="Block Ben").click()
    page.get_by_role("button", name="Block Ben").click()
    expect(page.get_by_text("You and Ben Carter no longer see each other.")).to_be_visible()
    assert page.request.get(f"/partners/{community.ben.pk}/").status == 404
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("You can see each other again.")).to_be_visible()
    page.goto(f"/partners/{community.ben.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Carter")


def test_up_and_down_keep_the_focus_and_the_place(page_of: Callable[..., Page], community: Community) -> None:
    person = settle(
        member("order@example.org", "Una Undo"),
        offers={"Writing": 3, "Falconry": 2, "Knitting": 1, "Sailing": 1},
        needs={"Bookkeeping": 3},
    )
    page = page_of(person)
    page.goto("/offers-and-needs/")
    down = page.get_by_role("button", name="Move Writing down")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator("main ol h3").first).to_have_text("Falconry")
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/offers-and-needs/*")
    expect(page.locator("main ol h3").nth(2)).to_have_text("Writing")
