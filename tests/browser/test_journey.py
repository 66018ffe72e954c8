"""One person, from the landing page to a partner who fits: on a phone, in another time zone, and without scripts."""

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.community import Community
from tests.browser.visits import Server, read_code

PHONE = {"viewport": {"width": 360, "height": 780}, "is_mobile": True, "has_touch": True}
NEW_YORK = "America/New_York"
LONDON = "Europe/London"
# Ben is free on Mondays from 18:00 to 21:00, on London's clock.
BEN_IS_FREE = [18, 19, 20]


def ahead(zone: str) -> int:
    """Hours that a zone is ahead of UTC now."""
    return int(dt.datetime.now(ZoneInfo(zone)).utcoffset() / dt.timedelta(hours=1))


def monday_hours(zone: str) -> list[int]:
    """Ben's hours on the clock of another zone, west of London by less than 18 hours."""
    return [hour - ahead(LONDON) + ahead(zone) for hour in BEN_IS_FREE]


def sign_up(page: Page, server: Server, *, name: str, address: str) -> None:
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Join", exact=True).click()
    page.get_by_label("Your name").fill(name)
    page.locator("[name=email]").fill(address)
    page.locator("[name=password1]").fill("between-two-oceans")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox")
    page.locator("[name=code]").fill(read_code(page, server))
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(f"{server.url}/welcome/")


def write_goal(page: Page) -> None:
    page.get_by_role("link", name="Start with my goal").click()
    page.get_by_label("Your goal for about a month").fill("My accounts are in order, and I know how to keep them so.")
    page.get_by_role("button", name="Save and continue").click()


def choose_topic(page: Page, typed: str, topic: str) -> None:
    """Choose a topic from the list by keyboard alone."""
    box = page.get_by_role("combobox", name="Topic")
    box.focus()
    page.keyboard.type(typed, delay=20)
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    for _each in range(options.count()):
        page.keyboard.press("ArrowDown")
        active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        expect(active).to_have_attribute("aria-selected", "true")
        if active.locator("b").inner_text() == topic:
            break
    page.keyboard.press("Enter")
    expect(box).to_have_value(topic)
    expect(box).to_have_attribute("aria-expanded", "false")


def tab_to(page: Page, target: Locator, *, most: int = 200) -> None:
    """Press Tab until the target has the focus."""
    for _each in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


def test_from_sign_up_to_a_partner_on_a_phone_in_new_york(
    new_context: Callable[..., BrowserContext], server: Server, community: Community
) -> None:
    page = new_context(**PHONE, timezone_id=NEW_YORK, locale="en-US").new_page()
    sign_up(page, server, name="Nora Atlantic", address="nora@example.org")
    write_goal(page)

    expect(page).to_have_url(f"{server.url}/welcome/offers/")
    choose_topic(page, "fiction", "Writing fiction")
    page.get_by_role("button", name="Add this offer").click()
    expect(page.get_by_role("list", name="On your list already")).to_have_text(re.compile("Writing fiction"))
    page.get_by_role("link", name="Continue").click()

    expect(page).to_have_url(f"{server.url}/welcome/needs/")
    choose_topic(page, "bookk", "Bookkeeping")
    page.get_by_role("button", name="Add this need").click()
    expect(page.get_by_role("list", name="On your list already")).to_have_text(re.compile("Bookkeeping"))
    page.get_by_role("link", name="Continue").click()

    expect(page.get_by_label("Your time zone")).to_have_value(NEW_YORK)
    hours = monday_hours(NEW_YORK)
    page.get_by_label("Your time zone").focus()
    for hour in hours:
        tab_to(page, page.get_by_label(f"Monday {hour:02d}:00", exact=True))
        page.keyboard.press("Space")
        expect(page.get_by_label(f"Monday {hour:02d}:00", exact=True)).to_be_checked()
    english = page.get_by_label("English", exact=True)
    expect(english).to_be_checked()  # as the browser says
    page.get_by_role("button", name="Save and continue").click()

    expect(page).to_have_url(f"{server.url}/partners/")
    when = f"Mon {hours[0]:02d}:00–{hours[-1] + 1:02d}:00"
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Ben Carter"))
    expect(card).to_contain_text(f"Both free {when}")
    card.get_by_role("link", name="Ben Carter").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ben Carter")
    both = page.locator("dt", has_text="Both free").locator("xpath=following-sibling::dd")
    expect(both).to_contain_text(f"Monday {when.removeprefix('Mon ')}")
    expect(both).to_contain_text(NEW_YORK)


def test_from_sign_up_to_partners_without_scripts(
    new_context: Callable[..., BrowserContext], server: Server, community: Community
) -> None:
    page = new_context(**PHONE, java_script_enabled=False).new_page()
    sign_up(page, server, name="Paul Plain", address="paul@example.org")
    write_goal(page)
    page.locator("[name=phrase]").fill("writing fiction")
    page.get_by_role("button", name="Add this offer").click()
    page.get_by_role("link", name="Continue").click()
    page.locator("[name=phrase]").fill("Bookkeeping")
    page.get_by_role("button", name="Add this need").click()
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("Your time zone").select_option(NEW_YORK)
    hours = monday_hours(NEW_YORK)
    for hour in hours:
        page.get_by_label(f"Monday {hour:02d}:00", exact=True).check()
    page.get_by_label("English", exact=True).check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(f"{server.url}/partners/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Ben Carter"))
    expect(card).to_contain_text(f"Both free Mon {hours[0]:02d}:00–{hours[-1] + 1:02d}:00")


def test_two_people_see_the_same_hour_each_on_their_own_clock(
    new_context: Callable[..., BrowserContext], page_of: Callable[..., Page], community: Community
) -> None:
    ada = page_of(community.ada, timezone_id=LONDON)
    yuki = page_of(community.yuki, timezone_id="Asia/Tokyo")
    ada.goto(f"/partners/{community.yuki.pk}/")
    yuki.goto(f"/partners/{community.ada.pk}/")
    shift = ahead("Asia/Tokyo") - ahead(LONDON)
    both = "xpath=//dt[normalize-space()='Both free']/following-sibling::dd[1]"
    # From 18:00 to 21:00 in London it is the small hours of Tuesday in Tokyo.
    expect(ada.locator(both)).to_contain_text("Monday 18:00–21:00")
    expect(ada.locator(both)).to_contain_text(LONDON)
    expect(yuki.locator(both)).to_contain_text(f"Tuesday {18 + shift - 24:02d}:00–{21 + shift - 24:02d}:00")
    expect(yuki.locator(both)).to_contain_text("Asia/Tokyo")
