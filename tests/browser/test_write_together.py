"""Two people have the draft of their contract open, each in a browser of their own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from contracts import draft
from contracts.actions import drafting, ending
from contracts.models import AuditEvent, Contract
from tests.browser.community import Community
from tests.browser.visits import wait_until
from tests.pairs import fill, introduce, put_name
from tests.people import member, settle

SHORT = "goal-first.short"


@pytest.fixture
def pair(community: Community, request: pytest.FixtureRequest) -> Contract:
    """Two members of this test alone, and their draft, in which nothing is missing."""
    name = request.node.name[:30].strip("[]").replace("_", "-").replace("[", "-")
    one = settle(member(f"{name}-1@example.org", "Ina First"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    other = settle(member(f"{name}-2@example.org", "Otto Second"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
    return fill(drafting.start(by=one, introduction_id=introduce(one, other).pk), one)


@pytest.fixture
def open_draft(pair: Contract, page_of: Callable[..., Page]) -> Callable[..., Page]:
    def open_one(side: str, **options: Any) -> Page:
        person = pair.first if side == "first" else pair.second
        page = page_of(person, **options)
        page.goto(pair.get_absolute_url())
        expect(page.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
        return page

    return open_one


def box(page: Page, place: str) -> Locator:
    return page.locator(f'[name="{place}"]')


def said(contract: Contract, key: str) -> dict[str, str]:
    drafting.catch_up(contract.pk)
    found = draft.read(Contract.objects.get(pk=contract.pk))[key].content
    assert found is not None
    return found


def test_both_type_in_one_field_at_once(pair, open_draft) -> None:
    hers, his = open_draft("first"), open_draft("second", viewport={"width": 360, "height": 760})
    for page, key in ((hers, "Home"), (his, "Control+End")):
        box(page, SHORT).click()
        box(page, SHORT).press(key)
    for number in range(8):
        hers.keyboard.type(f"h{number} ")
        his.keyboard.type(f" o{number}")
    text = "h0 h1 h2 h3 h4 h5 h6 h7 Ada finishes o0 o1 o2 o3 o4 o5 o6 o7"
    for page in (hers, his):
        expect(box(page, SHORT)).to_have_value(text)
        expect(page.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    assert said(pair, "goal-first")["short"] == text


def test_each_sees_who_is_here_where_they_are_and_who_wrote_it(pair, open_draft) -> None:
    hers, his = open_draft("first"), open_draft("second")
    expect(hers.locator(".draft-bar__here")).to_have_text("Otto is here")
    box(his, SHORT).click()
    place = hers.locator(f'[data-at="{SHORT}"]')
    expect(place.get_by_text("Otto is in this field")).to_be_visible()
    his.keyboard.type("Otto was here. ")
    box(his, "goal-first.indicator").click()
    expect(place.get_by_text("Otto wrote this")).to_be_visible()
    his.close()
    expect(hers.locator(".draft-bar__here")).to_have_text("", timeout=3_000)
    expect(place.get_by_text("Otto is in this field")).to_have_count(0)


def test_undo_takes_back_one_s_own_and_leaves_the_other_s(pair, open_draft) -> None:
    hers, his = open_draft("first"), open_draft("second")
    box(his, SHORT).click()
    box(his, SHORT).press("Control+End")
    his.keyboard.type(" (his)")
    expect(box(hers, SHORT)).to_have_value("Ada finishes (his)")
    box(hers, SHORT).click()
    box(hers, SHORT).press("Home")
    hers.keyboard.type("Hers: ")
    expect(box(his, SHORT)).to_have_value("Hers: Ada finishes (his)")
    hers.keyboard.press("Control+z")
    expect(box(hers, SHORT)).to_have_value("Ada finishes (his)")
    hers.get_by_role("button", name="Redo").click()
    expect(box(his, SHORT)).to_have_value("Hers: Ada finishes (his)")


def test_the_caret_stays_where_one_types_when_the_other_writes_before_it(pair, open_draft) -> None:
    hers, his = open_draft("first"), open_draft("second")
    box(hers, SHORT).click()
    box(hers, SHORT).press("Control+End")
    box(his, SHORT).click()
    box(his, SHORT).press("Control+Home")
    his.keyboard.insert_text("👍🏽 مرحبا 日本 ")
    expect(box(hers, SHORT)).to_have_value("👍🏽 مرحبا 日本 Ada finishes")
    hers.keyboard.type(" it")
    expect(box(his, SHORT)).to_have_value("👍🏽 مرحبا 日本 Ada finishes it")


def test_an_entry_is_added_moved_and_taken_out_before_both(pair, open_draft) -> None:
    hers, his = open_draft("first"), open_draft("second")
    needs = '[data-live-list="need"][data-side="first"]'
    hers.locator(f"section.card:has({needs}) [data-add]").click()
    hers.keyboard.type("A quiet room")
    texts = his.locator(f"{needs} textarea")
    expect(texts.last).to_have_value("A quiet room")
    count = texts.count()
    expect(hers.locator("#standing").get_by_text("A quiet room")).to_be_visible()  # nobody has promised it yet
    hers.locator(f"{needs} [data-do=up]:visible").last.click()
    expect(texts.nth(count - 2)).to_have_value("A quiet room")
    his.locator(f"{needs} [data-do=promise]").nth(count - 2).click()
    his.keyboard.type("Otto lends his study")
    promised = hers.locator('[data-live-list="commitment"][data-side="second"]')
    expect(promised.locator("textarea[name$='.what']").last).to_have_value("Otto lends his study")
    expect(promised.locator("select[name$='.need']").last.locator("option:checked")).to_have_text("A quiet room")
    hers.locator(f"{needs} [data-do=remove]").nth(count - 2).click()
    expect(texts).to_have_count(count - 1)
    hers.get_by_role("button", name="Undo").click()
    expect(texts).to_have_count(count)


def test_what_was_typed_without_a_connection_is_kept_and_joins_the_rest(pair, open_draft, page_of) -> None:
    his, lines, is_down = open_draft("second"), [], []

    def connect(line: WebSocketRoute) -> None:
        if is_down:
            line.close(code=4000)
            return
        line.connect_to_server()
        lines.append(line)

    hers = page_of(pair.first)
    hers.route_web_socket("**/ws/contracts/**", connect)
    hers.goto(pair.get_absolute_url())
    expect(hers.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    is_down.append(True)
    lines[0].close(code=4000)
    box(hers, SHORT).click()
    box(hers, SHORT).press("Control+End")
    expect(hers.locator("[data-status]")).to_contain_text("No connection", timeout=12_000)
    hers.keyboard.type(" alone")
    box(his, SHORT).click()
    box(his, SHORT).press("Control+Home")
    his.keyboard.type("Meanwhile ")
    expect(his.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    is_down.clear()
    expect(box(his, SHORT)).to_have_value("Meanwhile Ada finishes alone")
    expect(box(hers, SHORT)).to_have_value("Meanwhile Ada finishes alone")
    expect(hers.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")


def test_a_page_that_is_closed_before_anything_was_saved_has_it_when_it_is_opened_again(pair, open_draft) -> None:
    hers = open_draft("first")
    context = hers.context
    hers.evaluate(
        "() => { const send = WebSocket.prototype.send; WebSocket.prototype.send = function () {}; void send; }"
    )
    box(hers, SHORT).click()
    box(hers, SHORT).press("Control+End")
    hers.keyboard.type(" kept here")
    hers.wait_for_timeout(500)
    hers.close()
    assert said(pair, "goal-first")["short"] == "Ada finishes"
    again = context.new_page()
    again.goto(pair.get_absolute_url())
    expect(box(again, SHORT)).to_have_value("Ada finishes kept here")
    expect(again.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    assert said(pair, "goal-first")["short"] == "Ada finishes kept here"


def type_without_connection(pair: Contract, page_of: Callable[..., Page]) -> Page:
    """The second party opens the draft, loses the connection, types, and closes the page."""
    his, lines, is_down = page_of(pair.second), [], []

    def connect(line: WebSocketRoute) -> None:
        if is_down:
            line.close(code=4000)
            return
        line.connect_to_server()
        lines.append(line)

    his.route_web_socket("**/ws/contracts/**", connect)
    his.goto(pair.get_absolute_url())
    expect(his.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    is_down.append(True)
    lines[0].close(code=4000)
    box(his, SHORT).click()
    box(his, SHORT).press("Control+End")
    his.keyboard.type(" in a tunnel")
    his.wait_for_timeout(500)
    his.goto("/help/")
    is_down.clear()
    return his


def test_what_comes_after_both_have_signed_begins_an_amendment_before_one_s_eyes(pair, page_of) -> None:
    his = type_without_connection(pair, page_of)
    put_name(put_name(pair, pair.first), pair.second)
    his.goto(pair.get_absolute_url())
    expect(box(his, SHORT)).to_have_value("Ada finishes in a tunnel")
    contract = Contract.objects.get(pk=pair.pk)
    assert contract.state == "amending"
    assert "tunnel" not in contract.version_in_force.text


def test_what_comes_after_the_end_is_shown_to_be_copied(pair, page_of) -> None:
    his = type_without_connection(pair, page_of)
    ending.take_back(by=pair.first, contract_id=pair.pk)
    his.goto(pair.get_absolute_url())
    expect(his.get_by_role("heading", name="What you typed on this device came too late")).to_be_visible()
    expect(his.locator("[data-late] textarea")).to_have_value(re.compile("Ada finishes in a tunnel"))


def test_a_stray_key_does_not_take_a_signature_away(pair, open_draft) -> None:
    put_name(pair, pair.first)
    his = open_draft("second")
    expect(box(his, SHORT)).to_be_disabled()
    his.get_by_role("button", name="Edit all the same: the signature is void then").click()
    box(his, SHORT).fill("Another goal")
    expect(his.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    wait_until(lambda: Contract.objects.get(pk=pair.pk).state == "draft")


def test_a_signature_that_comes_while_one_types_locks_the_page(pair, open_draft) -> None:
    his = open_draft("second")
    box(his, SHORT).click()
    put_name(pair, pair.first)
    expect(his.get_by_role("heading", name="Ina has signed. It is your turn")).to_be_visible()
    expect(box(his, SHORT)).to_be_disabled()


def test_the_browser_says_which_text_it_signs(pair, open_draft) -> None:
    hers = open_draft("first")
    hers.get_by_role("link", name="Read and sign").first.click()
    hers.get_by_label("Your name").fill("Ina First")
    hers.get_by_label("I agree to this").check()
    hers.get_by_role("button", name="Sign", exact=True).click()
    expect(hers.get_by_text("You have signed.").first).to_be_visible()
    [link] = AuditEvent.objects.filter(contract=pair.pk, kind="signed")
    assert '"hashed_by":"browser"' in link.payload


def test_a_browser_that_holds_another_text_does_not_sign(pair, open_draft) -> None:
    """Half an emoji: the browser shows another sign than the server reads."""
    hers = open_draft("first")
    hers.goto(f"{pair.get_absolute_url()}sign/")
    hers.get_by_label("Your name").fill("Ina First")
    hers.get_by_label("I agree to this").check()
    hers.evaluate(
        """() => {
            const form = document.querySelector("form[data-sign]");
            form.dataset.isSeen = "yes";
            form.elements.seen_text.value = "{}";
            form.elements.seen_sha256.value = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        }"""
    )
    hers.get_by_role("button", name="Sign", exact=True).click()
    expect(hers.get_by_text("Nothing was signed").first).to_be_visible()
    assert Contract.objects.get(pk=pair.pk).state == "draft"


def test_a_logout_takes_the_copy_off_the_device(pair, open_draft, server) -> None:
    hers = open_draft("first")
    box(hers, SHORT).click()
    hers.keyboard.type("x")
    expect(hers.locator("[data-draft-editor]")).to_have_attribute("data-saved", "yes")
    names = (
        "async () => (await indexedDB.databases()).map((one) => one.name).filter((name) => /^draft-[0-9]/.test(name))"
    )
    assert hers.evaluate(names) == [f"draft-{pair.first_id}-{pair.pk}"]
    hers.context.clear_cookies()
    hers.goto("/")
    wait_until(lambda: hers.evaluate(names) == [])
