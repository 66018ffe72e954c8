"""A button that is pressed twice does it once."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Goal, Listing
from tests.browser.community import Community
from tests.people import member, settle


def test_add_pressed_twice_adds_one(page_of: Callable[..., Page], community: Community) -> None:
    person = member("twice@example.org", "Tess Twice")
    page = page_of(person)
    page.goto("/offers-and-needs/add/offer/")
    page.locator("[name=phrase]").fill("Calligraphy")
    page.get_by_role("button", name="Add").dblclick()
    expect(page.get_by_text("Calligraphy", exact=True).first).to_be_visible()
    page.goto("/offers-and-needs/")
    expect(page.get_by_role("heading", name="Calligraphy", exact=True)).to_have_count(1)
    assert Listing.objects.owned_by(person).standing().count() == 1


def test_a_goal_that_is_saved_twice_is_one(page_of: Callable[..., Page], community: Community) -> None:
    person = member("twice-goal@example.org", "Tess Twice")
    page = page_of(person)
    page.goto("/goals/short/")
    page.get_by_label("Your goal for about a month").fill("Say it once")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_text("Say it once")).to_be_visible()
    assert [goal.text for goal in Goal.objects.filter(member=person)] == ["Say it once"]


def test_the_same_form_from_two_tabs_adds_one(page_of: Callable[..., Page], community: Community) -> None:
    person = settle(member("tabs@example.org", "Tess Twice"), offers={"Writing": 1}, needs={"Sailing": 1})
    first = page_of(person)
    second = first.context.new_page()
    for page in (first, second):
        page.goto("/offers-and-needs/add/need/")
        page.locator("[name=phrase]").fill("Calligraphy")
    second.locator("[name=words]").fill("I have a pen already.")
    for page in (first, second):
        page.get_by_role("button", name="Add").click()
    # The second tab hears that it is there already, and keeps what was typed.
    expect(second.get_by_role("alert")).to_be_visible()
    expect(second.locator("[name=phrase]")).to_have_value("Calligraphy")
    assert Listing.objects.owned_by(person).standing().filter(side="need").count() == 2
