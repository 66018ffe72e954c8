"""Somebody on a phone gets the link of a card, answers it without an account, and is in the conversation."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from matching.models import Card, Introduction
from tests.browser.community import Community
from tests.browser.test_journey import PHONE
from tests.browser.visits import Server, read_code
from tests.people import member, settle


def make_card(page: Page, note: str) -> str:
    """Make a card by the pages; return its link."""
    page.goto("/partners/")
    page.get_by_role("link", name="Invite someone you know").first.click()
    page.get_by_role("link", name="Make a card").click()
    page.get_by_label("Your note").fill(note)
    page.get_by_role("button", name="Make the card").click()
    return page.get_by_label("Send this to one person").input_value()


def invite_by_mail(page: Page, address: str) -> None:
    page.get_by_text("Let us send it by e-mail").click()
    page.get_by_label("Their e-mail address").fill(address)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("status").filter(has_text="goes out within a few minutes")).to_be_visible()


def link_in_mail(page: Page, server: Server, name: str) -> str:
    """Return the link of the newest mail that brings a card from this member, read in the local inbox."""
    server.send_due()
    page.goto("/dev/inbox/")
    page.get_by_role("row").filter(has_text=f"{name} would like to swap help").first.get_by_role("link").click()
    text = page.get_by_role("region", name="Text").inner_text()
    [link] = re.findall(r"\S+/c/[\w-]{44}/", text)
    return link


def who_gives(name: str, address: str) -> User:
    return settle(member(address, name), offers={"Calligraphy": 3}, needs={"Beekeeping": 3})


@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with scripts", "without scripts"]
)
def test_from_the_mail_to_the_conversation_on_a_phone(
    scripts: bool,
    new_context: Callable[..., BrowserContext],
    page_of: Callable[..., Page],
    server: Server,
    community: Community,
) -> None:
    address = f"guest-{scripts}@example.org".lower()
    given = who_gives(f"Ines Ink {'On' if scripts else 'Off'}", f"ines-{scripts}@example.org".lower())
    owner = page_of(given)
    link = make_card(owner, "You keep bees, and I write. Shall we?")
    invite_by_mail(owner, address)
    page = new_context(**PHONE, java_script_enabled=scripts).new_page()
    sent = link_in_mail(page, server, given.profile.name)
    assert sent.endswith(link.rpartition("/c/")[2])

    page.goto(f"/c/{sent.rpartition('/c/')[2]}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ines would like to swap help with you")
    expect(page.locator("main")).to_contain_text("You keep bees, and I write. Shall we?")
    page.get_by_role("link", name="Answer with your side").click()
    page.get_by_label("Your name").fill("Gil Guest")
    page.get_by_label("Your goal for about a month").fill("A shop sign that I painted myself.")
    page.get_by_role("button", name="Go on").click()

    page.get_by_role("link", name="Beekeeping").click()
    expect(page.get_by_label("In a word or two")).to_have_value("Beekeeping")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Beekeeping")).to_be_visible()
    page.get_by_role("link", name="Go on").click()
    page.get_by_label("In a word or two").fill("calligraphy")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Your two sides meet both ways.")

    owner.reload()
    expect(owner.locator("main")).to_contain_text("Somebody has begun an answer.")
    expect(owner.locator("main")).not_to_contain_text("Gil")
    page.get_by_role("button", name="Join and talk with Ines").click()
    expect(page.get_by_label("Your name")).to_have_value("Gil Guest")
    page.locator("[name=email]").fill(address)
    page.locator("[name=password1]").fill("between-two-oceans")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox")
    assert not Introduction.objects.filter(inviter=given).exists()
    page.locator("[name=code]").fill(read_code(page, server))
    page.get_by_role("button", name="Confirm").click()

    introduction = Introduction.objects.get(inviter=given)
    expect(page).to_have_url(f"{server.url}{introduction.get_absolute_url()}")
    expect(page.get_by_role("heading", level=1)).to_have_text(given.profile.name)
    page.get_by_label("Your message").fill("Bees it is.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Bees it is.")).to_be_visible()
    page.goto("/offers-and-needs/")
    expect(page.get_by_role("heading", name="Beekeeping")).to_be_visible()

    owner.reload()
    expect(owner.get_by_text("Gil has answered")).to_be_visible()
    owner.get_by_role("link", name="To your conversation").click()
    expect(owner.get_by_text("Bees it is.")).to_be_visible()


def test_a_member_with_the_link_says_yes_with_one_button(
    new_context: Callable[..., BrowserContext], page_of: Callable[..., Page], server: Server, community: Community
) -> None:
    given = who_gives("Ivo Ink", "ivo@example.org")
    link = make_card(page_of(given), "Falcons?")
    page = page_of(community.lou)
    page.goto(link.partition(server.url)[2] or f"/c/{link.rpartition('/c/')[2]}")
    page.get_by_role("button", name="Talk with Ivo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ivo Ink")
    [card] = Card.objects.filter(owner=given)
    assert card.introduction is not None
    assert card.introduction.invited == community.lou


def test_a_card_that_is_taken_back_is_put_back(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(who_gives("Ida Ink", "ida@example.org"))
    link = make_card(page, "Shall we?")
    page.get_by_role("button", name="Take it back").click()
    path = f"/c/{link.rpartition('/c/')[2]}"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Send this to one person")).to_have_value(link)
    page.get_by_role("button", name="Take it back").click()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("This card is not valid any more")
