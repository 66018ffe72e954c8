"""Words are typed, and topics come up under them; where it is not plain which is meant, the next page asks."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Listing, RefusedPair, Topic
from tests.browser.community import Community
from tests.pages import BETWEEN_TOPICS
from tests.people import member

VERY_NEAR = "Speaking, public"
PHONE = {"viewport": {"width": 360, "height": 740}}
SCRIPTS = pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["with scripts", "without scripts"]
)


@pytest.fixture(autouse=True)
def _nobody_has_said_it() -> None:
    """The community is there for all tests: what one of them keeps as its own words, the next would meet."""
    own = Topic.objects.filter(is_provisional=True, label_en__in=[BETWEEN_TOPICS, VERY_NEAR])
    Listing.objects.filter(topic__in=own).delete()
    own.delete()
    RefusedPair.objects.all().delete()


@SCRIPTS
@pytest.mark.parametrize("pick", ["a topic", "my words"])
def test_the_question_is_answered_and_nothing_is_lost(
    scripts: bool, pick: str, page_of: Callable[..., Page], community: Community
) -> None:
    person = member(f"asked-{scripts}-{pick.replace(' ', '-')}@example.org", "Ada Asked")
    page = page_of(person, java_script_enabled=scripts, **PHONE)
    page.goto("/offers-and-needs/add/offer/")
    page.get_by_label("Topic", exact=True).fill(BETWEEN_TOPICS)
    page.get_by_label(re.compile("^In your own words")).fill("Ten of them, “and” a <choir>")
    page.get_by_label("Strong: people come to me for it").check()
    page.get_by_role("button", name="Add it to my list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What do you mean by “{BETWEEN_TOPICS}”?")
    question = page.get_by_role("group", name="Is it one of these?")
    assert question.get_by_role("radio").count() == 6
    page.get_by_role("button", name="Add it to my list").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose one of these, or keep your own words.")
    page.get_by_role("button", name="Change what I typed").click()
    expect(page.get_by_label(re.compile("^In your own words"))).to_have_value("Ten of them, “and” a <choir>")
    page.get_by_role("button", name="Add it to my list").click()
    if pick == "my words":
        page.get_by_label("None of these, keep my words").check()
    else:
        question.get_by_role("radio").first.check()
    page.get_by_role("button", name="Add it to my list").click()
    expect(page.get_by_role("status").filter(has_text="is on your list")).to_be_visible()
    expect(page.get_by_role("heading", name=BETWEEN_TOPICS)).to_be_visible()
    listing = Listing.objects.owned_by(person).select_related("topic").get()
    assert (listing.phrase, listing.words, listing.level) == (BETWEEN_TOPICS, "Ten of them, “and” a <choir>", 3)
    assert listing.topic.is_provisional == (pick == "my words")


@SCRIPTS
def test_another_topic_is_chosen_from_the_list(
    scripts: bool, page_of: Callable[..., Page], community: Community
) -> None:
    person = member(f"another-{scripts}@example.org", "Ada Another")
    page = page_of(person, java_script_enabled=scripts, **PHONE)
    page.goto("/offers-and-needs/add/offer/")
    page.get_by_label("Topic", exact=True).fill(VERY_NEAR)
    page.get_by_role("button", name="Add it to my list").click()
    expect(page.get_by_role("status").filter(has_text="found under “Public speaking” as well")).to_be_visible()
    page.get_by_role("link", name=f"change the topic of {VERY_NEAR}").click()
    expect(page.get_by_label("Public speaking Skill")).to_be_checked()
    page.get_by_label("None of these, keep my words").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name=VERY_NEAR)).to_be_visible()
    assert Listing.objects.owned_by(person).get().topic == Topic.objects.get(label_en=VERY_NEAR)


def test_a_slip_of_the_finger_and_another_language_find_the_topic(
    page_of: Callable[..., Page], community: Community
) -> None:
    page = page_of(member("slip@example.org", "Sam Slip"), **PHONE)
    page.goto("/offers-and-needs/add/offer/")
    box = page.get_by_role("combobox", name="Topic")
    options = page.get_by_role("listbox", name="Topics").get_by_role("option")
    for typed, name in (
        ("bokkeeping", "Bookkeeping, Skill"),
        ("comptabilite", "Bookkeeping, Skill, also: comptabilité"),
        ("stage fri", "Public speaking, Skill, also: stage fright"),
    ):
        box.fill(typed)
        expect(options.filter(has=page.locator("b")).first).to_have_accessible_name(name)
    box.fill("zzqx")
    expect(options).to_have_count(0)
    expect(page.get_by_text("No suggestion. Your own words are fine.")).to_be_attached()
    expect(page.get_by_text("Saved for later")).to_be_visible()


def test_the_list_is_walked_left_and_closed_with_keys(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(member("keys@example.org", "Kim Keys"), **PHONE)
    page.goto("/offers-and-needs/add/offer/")
    box = page.get_by_role("combobox", name="Topic")
    box.focus()
    page.keyboard.type("garden")
    options = page.get_by_role("listbox", name="Topics").get_by_role("option")
    expect(options.first).to_be_visible()
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()
    page.keyboard.press("ArrowDown")
    # The box itself is a stop of the round: with nothing chosen, Enter sends what was typed.
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("garden")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("Tab")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("garden")
    expect(page.get_by_text("Saved for later")).to_be_visible()
