"""From the landing page to a partner who fits, and with them to two signatures: on a phone, in two time zones, and
without scripts."""

import datetime as dt
import re
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import User
from contracts.actions import drafting
from contracts.models import Contract
from tests.browser.community import Community
from tests.browser.visits import Server, read_code, wait_until
from tests.pairs import fill, introduce
from tests.people import member, settle

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
    expect(both).to_contain_text("New York")


@pytest.mark.slow
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
    expect(ada.locator(both)).to_contain_text("London")
    expect(yuki.locator(both)).to_contain_text(f"Tuesday {18 + shift - 24:02d}:00–{21 + shift - 24:02d}:00")
    expect(yuki.locator(both)).to_contain_text("Tokyo")


def follow_what_is_missing(page: Page, *, most: int = 20) -> None:
    """Fill what the list of the draft says is missing, by its links, from the first on."""
    links = page.locator(".gaps a")
    for _each in range(most):
        before = links.count()
        if not before:
            return
        if page.locator("[data-draft-editor]").count() and page.locator("[data-bar]").is_visible():
            say_live(page, links.first)
            wait_until(lambda before=before: links.count() < before)
            continue
        links.first.click()
        for label, typed in typed_for(page).items():
            page.get_by_label(label).fill(typed)
        page.get_by_role("button", name="Save").click()
        expect(page).to_have_url(re.compile(r"/contracts/\d+/"))
        assert page.locator(".gaps a").count() < before


def say_live(page: Page, missing: Locator) -> None:
    """Follow a link of what is missing to its boxes on the same page, and fill them."""
    expect(page.locator("[data-draft-editor][data-is-live]")).to_have_count(1)
    key = missing.get_attribute("data-goes-to")
    assert key is not None
    missing.click()
    day = (dt.date.today() + dt.timedelta(days=21)).isoformat()
    of_kind = {
        "goal": {"by": day, "indicator": "It hangs on the wall."},
        "commitment": {"amount": "3", "unit": "evenings", "by": day},
    }
    said = of_kind[key.partition("-")[0]]
    for field, typed in said.items():
        page.locator(f'[name="{key}.{field}"]').fill(typed)
        page.locator(f'[name="{key}.{field}"]').blur()
    expect(page.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")


def typed_for(page: Page) -> dict[str, str]:
    """What is typed into the form of a part that lacks something."""
    day = (dt.date.today() + dt.timedelta(days=21)).isoformat()
    heading = page.get_by_role("heading", level=1).inner_text()
    if "goal" in heading.lower():
        return {"By when?": day, "How will you both see that it is there?": "It hangs on the wall."}
    assert "will do for" in heading, heading
    return {"How much?": "3", "Of what?": "evenings", "By when?": day}


def sign(page: Page, name: str) -> None:
    page.get_by_role("link", name="Read and sign").first.click()
    expect(page.get_by_role("heading", name="What signing means")).to_be_visible()
    page.get_by_label("I agree to this").check()
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page).to_have_url(re.compile(r"/contracts/\d+/$"))


def two_who_fit(suffix: str) -> tuple[User, User]:
    """Two fresh members: one in New York, one in London, each with what the other needs, free in the same hours."""
    nell = settle(
        member(f"nell-{suffix}@example.org", "Nell Harbour", time_zone=NEW_YORK),
        offers={"Calligraphy": 3},
        needs={"Welding": 3},
        hours=tuple(monday_hours(NEW_YORK)),
        time_zone=NEW_YORK,
    )
    oscar = settle(
        member(f"oscar-{suffix}@example.org", "Oscar Lane"),
        offers={"Welding": 3},
        needs={"Calligraphy": 3},
        hours=tuple(BEN_IS_FREE),
    )
    return nell, oscar


IN_FORCE = "In force: you have both signed"


def test_two_people_from_invite_to_talk_to_both_signatures(page_of: Callable[..., Page], community: Community) -> None:
    nell, oscar = two_who_fit("journey")
    phone = page_of(nell, **PHONE, timezone_id=NEW_YORK, locale="en-US")
    desk = page_of(oscar, timezone_id=LONDON, viewport={"width": 1280, "height": 800})

    phone.goto("/partners/")
    phone.get_by_role("heading", name="Oscar Lane").click()
    phone.get_by_role("link", name="Invite Oscar to talk").click()
    phone.get_by_label("Your note").fill("I letter shop signs, and I would love to weld the frames myself.")
    phone.get_by_role("button", name="See what Oscar will see").click()
    expect(phone.get_by_role("region", name="Your invitation")).to_contain_text("weld the frames myself")
    phone.get_by_role("button", name="Send the invitation").click()

    desk.goto("/")
    desk.get_by_role("link", name="Nell invites you to talk").click()
    desk.get_by_role("button", name="Yes, let’s talk").click()
    desk.get_by_label("Your message").fill("Bring gloves, and I’ll bring the sparks.")
    desk.get_by_role("button", name="Send", exact=True).click()

    phone.goto("/")
    phone.get_by_role("link", name="1 message from Oscar to read").click()
    expect(phone.get_by_text("Bring gloves, and I’ll bring the sparks.")).to_be_visible()
    phone.get_by_label("Your message").fill("And I’ll bring the ink.")
    phone.get_by_role("button", name="Send", exact=True).click()
    phone.get_by_role("link", name="To our contract").click()
    phone.get_by_role("button", name="Start the draft").click()

    # Nell fills the first of what is missing, Oscar the rest.
    expect(phone.get_by_role("heading", name=re.compile("things are missing"))).to_be_visible()
    follow_what_is_missing(phone, most=1)
    desk.goto("/")
    desk.get_by_role("link", name="Nell has changed the draft of your contract.").click()
    expect(desk.get_by_role("heading", name="Nell changed this since you last looked")).to_be_visible()
    follow_what_is_missing(desk)
    expect(desk.get_by_role("heading", name="Nothing is missing")).to_be_visible()
    # Written on the clock of New York; in London it says when that is.
    expect(desk.locator("#rhythm")).to_contain_text("Monday at 18:00 on your clock")

    phone.reload()
    sign(phone, "nell harbour")
    expect(phone.locator("#messages")).to_contain_text("You have signed. Now it is Oscar’s turn, and we tell them.")

    desk.goto("/")
    desk.get_by_role("link", name="Nell has signed your contract. It is your turn.").click()
    desk.get_by_role("button", name="Edit all the same: the signature is void then").click()
    mine = desk.get_by_role("region", name="My goal")
    mine.get_by_label("How will you go about it?").fill("An hour in the shed every Saturday.")
    expect(desk.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")

    phone.reload()
    expect(
        phone.get_by_text("Oscar changed the text after you had signed it, so your signature is void.")
    ).to_be_visible()
    sign(phone, "Nell Harbour")
    desk.reload()
    sign(desk, "Oscar Lane")
    expect(desk.locator("#messages")).to_contain_text("You have both signed: your contract with Nell is in force.")
    # The other's page shows it by itself.
    for page in (phone, desk):
        expect(page.get_by_text(IN_FORCE)).to_be_visible()
        expect(page.get_by_text("An hour in the shed every Saturday.")).to_be_visible()

    phone.get_by_role("link", name="A page to print").click()
    phone.emulate_media(media="print")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Contract between Nell Harbour and Oscar Lane")
    expect(phone.locator(".contract__signatures")).to_contain_text("Nell Harbour")
    expect(phone.locator(".contract__signatures")).to_contain_text("Oscar Lane")
    expect(phone.get_by_role("link", name="Back to the contract")).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_both_press_sign_at_the_same_moment_in_two_browsers(page_of: Callable[..., Page], community: Community) -> None:
    nell, oscar = two_who_fit("together")
    agreed = fill(drafting.start(by=nell, introduction_id=introduce(nell, oscar).pk), nell)
    pages = [page_of(nell, **PHONE, timezone_id=NEW_YORK), page_of(oscar, timezone_id=LONDON)]
    for page, name in zip(pages, ("Nell Harbour", "Oscar Lane"), strict=True):
        page.goto(f"/contracts/{agreed.pk}/sign/")
        page.get_by_label("I agree to this").check()
        page.get_by_label("Your name").fill(name)
    moment = (time.time() + 1) * 1000
    for page in pages:
        # One clock on the wall for both: each button is pressed when it says so.
        page.evaluate(
            """(moment) => {
                const button = document.querySelector("main form button");
                setTimeout(() => button.click(), moment - Date.now());
            }""",
            moment,
        )
    for page in pages:
        expect(page).to_have_url(re.compile(rf"/contracts/{agreed.pk}/$"))
    for page in pages:
        expect(page.get_by_text(IN_FORCE)).to_be_visible(timeout=20_000)
    version = Contract.objects.get(pk=agreed.pk).version_in_force
    assert version.number == 1
    assert [signature.typed_name for signature in version.signatures.order_by("side")] == ["Nell Harbour", "Oscar Lane"]


def test_the_contract_without_scripts(page_of: Callable[..., Page], community: Community) -> None:
    nell, oscar = two_who_fit("plain")
    talk = introduce(nell, oscar)
    phone, desk = (page_of(person, **PHONE, java_script_enabled=False) for person in (nell, oscar))
    phone.goto(f"/introductions/{talk.pk}/")
    phone.get_by_role("link", name="To our contract").click()
    phone.get_by_role("button", name="Start the draft").click()
    follow_what_is_missing(phone)
    sign(phone, "Nell Harbour")
    desk.goto("/contracts/")
    desk.get_by_role("link", name="Nell Harbour").click()
    sign(desk, "Oscar Lane")
    for page in (phone, desk):
        page.reload()
        expect(page.get_by_text(IN_FORCE)).to_be_visible()
