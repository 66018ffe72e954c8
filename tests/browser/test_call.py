"""A pair in a low week: one sends a word to the other; in the call both tick off the agenda, one on a phone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from accounts.models import Notice
from checkins import series
from checkins.models import CheckIn
from tests.browser.community import Community
from tests.browser.test_journey import PHONE


def test_who_has_been_silent_hears_from_the_other_in_their_words(
    page_of: Callable[..., Page], community: Community
) -> None:
    desk, phone = page_of(community.rita), page_of(community.sven, **PHONE)
    desk.goto("/")
    desk.get_by_role("link", name="Sven might be glad of a word from you").click()
    expect(desk.get_by_text("Sven would like to be called")).to_be_visible()
    words = desk.get_by_label("What you would like to say")
    expect(words).to_have_value("It can be done")
    words.fill("It can be done. The knots were the hard part, and you know them.")
    desk.get_by_role("button", name="Send it to Sven").click()
    expect(desk.get_by_role("status").filter(has_text="Sven gets it from you")).to_be_visible()
    phone.goto("/")
    phone.get_by_role("link", name="Rita wrote something for you").click()
    expect(phone.get_by_text("The knots were the hard part")).to_be_visible()
    assert Notice.objects.filter(kind="check_in:push", member=community.sven).count() == 1


def test_both_see_what_is_ticked_off_and_go_on_to_the_check_in(
    page_of: Callable[..., Page], community: Community
) -> None:
    contract = community.contract_of("rita", "sven")
    found = series.of(contract)
    assert found is not None
    today = found.all()[3]
    desk, phone = page_of(community.rita), page_of(community.sven, **PHONE)
    for page in (desk, phone):
        page.goto(f"/contracts/{contract.pk}/meetings/{today.on}/")
        page.get_by_role("link", name="Open the page for the call").click()
    desk.get_by_role("button", name=re.compile("Done, go on.*Your goal")).click()
    expect(desk.get_by_text("ticked off by you")).to_be_visible()
    expect(desk.get_by_role("button", name=re.compile("Not yet after all.*Your goal"))).to_be_focused()
    expect(phone.get_by_text("ticked off by Rita")).to_be_visible(timeout=15_000)

    phone.get_by_label("What moved?").fill("The hull is dry")
    expect(phone.locator("[data-draft-status]")).to_have_text(re.compile("Saved"))
    phone.get_by_role("button", name="Go on to the check-in").click()
    expect(phone.get_by_label("What moved?")).to_have_value("The hull is dry")
    assert not CheckIn.objects.filter(contract=contract, author=community.sven).exists()
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.get_by_text("The hull is dry")).to_be_visible()
