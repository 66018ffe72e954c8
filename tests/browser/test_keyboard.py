"""With the keyboard alone: everything is reached, seen, and not hidden under a bar."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.community import Community
from tests.browser.visits import send

DESK = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 320, "height": 640}}

# Where the focus is and how it is shown; null where it has left the page. Of a box that is drawn by its label or by the
# element beside it, the ring may be around that one.
FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const isRing = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2)
        || (style.boxShadow !== "none" && style.boxShadow !== "");
    const near = [at, at.nextElementSibling, at.closest("label"), at.closest(".card")].filter(Boolean);
    const box = (at.closest("label") ?? at).getBoundingClientRect();
    const y = Math.min(Math.max(box.top + box.height / 2, box.top + 1), innerHeight - 1);
    const above = document.elementFromPoint(box.left + box.width / 2, y);
    const bar = above?.closest("header, .site-nav");
    return {
        what: at.outerHTML.slice(0, 140),
        seen: near.some((each) => isRing(getComputedStyle(each))),
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        hidden: Boolean(bar && !bar.contains(at)),
    };
}"""

FRAMED = [
    *("/", "/partners/", "/profile/rhythm/"),
    *(pytest.param(page, marks=pytest.mark.slow) for page in ("/offers-and-needs/", "/goals/short/", "/settings/")),
    pytest.param("/help/", marks=pytest.mark.slow),
]


def faults_of_focus(page: Page, *, most: int = 260) -> list[str]:
    """Tab through the whole page, and return what is wrong on the way."""
    faults, stops = [], 0
    for _each in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        stops += 1
        faults += [f"no ring: {focus['what']}"] * (not focus["seen"])
        faults += [f"out of view: {focus['what']}"] * (not focus["inView"])
        faults += [f"under a bar: {focus['what']}"] * focus["hidden"]
    assert stops >= 5
    assert stops < most, "the focus never leaves the page"
    return faults


@pytest.mark.parametrize("address", FRAMED)
@pytest.mark.parametrize(
    "size", [pytest.param(DESK, id="desk", marks=pytest.mark.slow), pytest.param(PHONE, id="phone")]
)
def test_each_stop_is_seen(address: str, size: dict, page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada, **size)
    page.goto(address)
    found = faults_of_focus(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/accounts/signup/"])
def test_each_stop_is_seen_logged_out(address: str, new_context: Callable[..., BrowserContext], community) -> None:
    page = new_context(**PHONE).new_page()
    page.goto(address)
    found = faults_of_focus(page)
    assert not found, "\n".join(found)


def test_each_stop_is_seen_in_the_dark(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada, **DESK, color_scheme="dark")
    page.goto("/offers-and-needs/add/need/")
    found = faults_of_focus(page)
    assert not found, "\n".join(found)


def test_the_first_stop_skips_to_the_page(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada, **DESK)
    page.goto("/partners/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the page")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_the_menu_opens_and_closes_with_keys(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada, **PHONE)
    page.goto("/")
    summary = page.locator("summary", has_text="Your account")
    settings = page.get_by_role("link", name="Settings")
    expect(settings).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(settings).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Profile")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Offers & needs")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="My story so far")).to_be_focused()
    page.keyboard.press("Tab")
    expect(settings).to_be_focused()
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_menu_works_without_scripts(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.ada, **PHONE, java_script_enabled=False)
    page.goto("/")
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


ERRORS = {
    "/goals/short/": {"text": "", "due_on": "2001-01-01"},
    "/offers-and-needs/add/need/": {"phrase": "", "kind": [], "importance": []},
    "/profile/rhythm/": {"hours_per_week": "99", "time_zone": "Mars/Olympus"},
    "/settings/delete/": {"word": "no"},
    "/accounts/password/change/": {"oldpassword": "", "password1": ""},
}


@pytest.mark.parametrize("address", ERRORS)
def test_the_errors_come_first_and_lead_to_their_fields(
    address: str, page_of: Callable[..., Page], community: Community
) -> None:
    page = page_of(community.ada, **PHONE)
    page.goto(address)
    send(page, ERRORS[address])
    summary = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="There is a problem"))
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    links = summary.get_by_role("link").all()
    assert len(links) >= 1
    for link in links:
        said = link.inner_text()
        link.focus()
        page.keyboard.press("Enter")
        field = page.evaluate(
            """() => {
                const at = document.activeElement;
                const described = (at.getAttribute("aria-describedby") ?? "") + " "
                    + (at.closest("fieldset")?.getAttribute("aria-describedby") ?? "");
                const said = described.split(/\\s+/).filter(Boolean)
                    .map((id) => document.getElementById(id).innerText).join(" ");
                return {said, tag: at.tagName};
            }"""
        )
        focus = page.evaluate(FOCUS)
        assert field["tag"] in {"INPUT", "TEXTAREA", "SELECT"}
        # The same words stand at the field, and belong to it.
        assert said in field["said"]
        assert (focus["seen"], focus["inView"], focus["hidden"]) == (True, True, False)


def test_what_was_typed_stays_beside_an_error(page_of: Callable[..., Page], community: Community) -> None:
    page = page_of(community.nina, **PHONE)
    page.goto("/goals/long/")
    page.get_by_label("Your goal for about a year").fill("A year of <b>bread</b> & roses")
    page.get_by_label("By when?").fill("2001-01-01")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_title("Error: My goal for about a year · Peermentor")
    expect(page.get_by_label("Your goal for about a year")).to_have_value("A year of <b>bread</b> & roses")
    expect(page.get_by_label("By when?")).to_have_value("2001-01-01")
