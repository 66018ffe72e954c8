"""The whole way: two people sign up, find each other, agree, sign, check in, and are reminded."""

import datetime as dt
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts import clock
from accounts.models import User
from checkins import series
from checkins.models import CheckIn
from contracts.models import Contract
from tests.browser.community import Community
from tests.browser.test_journey import (
    BEN_IS_FREE,
    IN_FORCE,
    LONDON,
    NEW_YORK,
    PHONE,
    follow_what_is_missing,
    monday_hours,
    sign,
    sign_up,
)
from tests.browser.visits import Server


def join(page: Page, server: Server, name: str, *, offers: str, needs: str, zone: str, hours: list[int]) -> None:
    """From the sign-up form to the list of partners."""
    sign_up(page, server, name=name, address=f"{name.split()[0].lower()}@weeks.example")
    page.get_by_role("link", name="Start with my goal").click()
    page.get_by_label("Your goal for about a month").fill(f"{name} gets one thing done.")
    page.get_by_role("button", name="Save and continue").click()
    for phrase, button in ((offers, "Add this offer"), (needs, "Add this need")):
        page.locator("[name=phrase]").fill(phrase)
        page.keyboard.press("Escape")
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("list", name="On your list already")).to_have_text(re.compile(phrase))
        page.get_by_role("link", name="Continue").click()
    page.get_by_label("Your time zone").select_option(zone)
    for hour in hours:
        page.get_by_label(f"Monday {hour:02d}:00", exact=True).check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(f"{server.url}/partners/")


@pytest.fixture
def two(new_context: Callable[..., BrowserContext], server: Server, community: Community) -> tuple[Page, Page]:
    phone = new_context(**PHONE, timezone_id=NEW_YORK, locale="en-US").new_page()
    desk = new_context(timezone_id=LONDON, viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    join(
        phone, server, "Nora Weeks", offers="Basket weaving", needs="Keeping bees", zone=NEW_YORK,
        hours=monday_hours(NEW_YORK),
    )  # fmt: skip
    join(desk, server, "Paul Weeks", offers="Keeping bees", needs="Basket weaving", zone=LONDON, hours=BEN_IS_FREE)
    return phone, desk


def agree(phone: Page, desk: Page) -> Contract:
    """From the list of partners to a contract that both have signed."""
    phone.goto("/partners/")
    phone.get_by_role("heading", name="Paul Weeks").click()
    phone.get_by_role("link", name="Invite Paul to talk").click()
    phone.get_by_label("Your note").fill("Baskets against bees?")
    phone.get_by_role("button", name="See what Paul will see").click()
    phone.get_by_role("button", name="Send the invitation").click()
    desk.goto("/")
    desk.get_by_role("link", name="Nora invites you to talk").click()
    desk.get_by_role("button", name="Yes, let’s talk").click()
    desk.get_by_role("link", name="To our contract").click()
    desk.get_by_role("button", name="Start the draft").click()
    follow_what_is_missing(desk)
    sign(desk, "Paul Weeks")
    phone.goto("/")
    phone.get_by_role("link", name="Paul has signed your contract. It is your turn.").click()
    sign(phone, "Nora Weeks")
    expect(phone.get_by_text(IN_FORCE)).to_be_visible()
    return Contract.objects.latest("pk")


def check_in(page: Page, *, moved: str, next_step: str) -> None:
    page.get_by_label("What moved?").fill(moved)
    page.get_by_label("4", exact=True).check()
    page.get_by_label("What will you do until next time?").fill(next_step)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Your check-in")).to_be_visible()


def test_from_sign_up_to_both_check_ins_and_a_reminder(two: tuple[Page, Page], server: Server) -> None:
    phone, desk = two
    contract = agree(phone, desk)

    # Each sees the meeting on their own clock, with the other's beside it.
    found = series.of(contract)
    assert found is not None
    first = found.all()[0]
    for page, zone, other in ((phone, NEW_YORK, LONDON), (desk, LONDON, NEW_YORK)):
        page.goto(f"/contracts/{contract.pk}/")
        page.get_by_role("link", name="Your weeks").click()
        page.get_by_role("link", name="Open the meeting").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"{first.local(zone):%H:%M}")
        expect(page.locator(".page-header")).to_contain_text(f"{first.local(other):%H:%M} for")

    # Nora writes on the phone, is interrupted, and finds her words again.
    phone.get_by_role("link", name="Write your check-in").click()
    phone.get_by_label("What moved?").fill("Two baskets, one with a ha")
    expect(phone.locator("[data-draft-status]")).to_have_text(re.compile("Saved"))
    phone.goto("/meetings/")
    phone.get_by_role("link", name=re.compile("Paul Weeks")).first.click()
    phone.get_by_role("link", name="Write your check-in").click()
    expect(phone.get_by_label("What moved?")).to_have_value("Two baskets, one with a ha")
    check_in(phone, moved="Two baskets, one with a handle", next_step="A lid")

    # Paul cannot read it before he has written his own; then both can.
    desk.reload()
    expect(desk.get_by_text("Two baskets, one with a handle")).to_be_hidden()
    desk.get_by_role("link", name="Write your check-in").click()
    check_in(desk, moved="The hive stands", next_step="Find the queen")
    expect(desk.get_by_text("Two baskets, one with a handle")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("The hive stands")).to_be_visible()
    assert CheckIn.objects.filter(contract=contract, state=CheckIn.State.SENT).count() == 2

    # The evening before comes: the mail is on each one's own clock.
    nora = User.objects.get(email="nora@weeks.example")
    evening = dt.datetime.combine(
        first.local(NEW_YORK).date() - dt.timedelta(days=1), dt.time(18, 5), ZoneInfo(NEW_YORK)
    )
    offset = evening - clock.now()
    server.plan()
    server.send_due(CLOCK_OFFSET=str(int(offset.total_seconds())))
    phone.goto("/dev/inbox/")
    mail = phone.get_by_role("row").filter(has_text=nora.email).filter(has_text="you meet Paul")
    expect(mail).to_have_count(1)
    mail.get_by_role("link").click()
    expect(phone.get_by_role("region", name="Text")).to_contain_text(f"{first.local(NEW_YORK):%H:%M}")


def test_a_meeting_is_moved_and_put_back_without_scripts(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.vera, **PHONE, java_script_enabled=False)
    contract, on = community.meeting_of("vera", "max", 3)
    page.goto(f"/contracts/{contract}/meetings/{on}/")
    page.get_by_role("link", name="I can’t make it: another time").click()
    page.get_by_role("region", name="Times that suit you both").get_by_role("link").first.click()
    page.get_by_label("A line to go with it").fill("The dentist")
    page.get_by_role("button", name="Move the meeting").click()
    expect(page.get_by_role("status")).to_contain_text("Moved to")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("as your contract says")
