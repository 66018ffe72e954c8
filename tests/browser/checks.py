"""What is wrong with a page: axe's findings, and what axe does not see."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Attributes whose value is one id, or several with spaces between.
POINTERS = (
    *("aria-activedescendant", "aria-controls", "aria-describedby", "aria-details", "aria-errormessage"),
    *("aria-flowto", "aria-labelledby", "aria-owns", "for", "form", "headers", "list", "popovertarget"),
)


@dataclass(frozen=True)
class Look:
    """How a reader looks at a page."""

    scheme: str
    width: int
    height: int = 800
    forced_colors: str = "none"
    text_percent: int = 100

    def __str__(self) -> str:
        more = " in forced colours" if self.forced_colors != "none" else ""
        more += f" with text of {self.text_percent} %" if self.text_percent != 100 else ""
        return f"{self.scheme} at {self.width}{more}"

    def at(self, page: Page) -> None:
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(color_scheme=self.scheme, forced_colors=self.forced_colors, reduced_motion="reduce")
        page.evaluate(
            # A sheet of its own, as a reader's setting would be: the policy refuses an inline style, not this.
            """(percent) => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(`:root { font-size: ${percent}% !important }`);
                document.adoptedStyleSheets = percent === 100 ? [] : [sheet];
            }""",
            self.text_percent,
        )


def faults(page: Page, look: Look) -> list[str]:
    """Return what is wrong with the page as it is looked at now, a sentence each."""
    # Forced colours are the reader's own, and whether they contrast is not ours to say.
    without = ["color-contrast"] if look.forced_colors != "none" else []
    return [*_of_axe(page, without), *_of_width(page)]


def faults_of_markup(page: Page) -> list[str]:
    """Return what is wrong with the elements, however they are looked at."""
    return page.evaluate(MARKUP, list(POINTERS))


@cache
def _axe() -> str:
    return AXE.read_text()


def _of_axe(page: Page, without: list[str]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate(
        """([tags, without]) => axe.run(document, {
            runOnly: {type: "tag", values: tags},
            rules: Object.fromEntries(without.map((rule) => [rule, {enabled: false}])),
            resultTypes: ["violations"],
            iframes: false,
            // The sheets themselves are asked by no rule of these; fetching them takes a fifth of the time.
            preload: false,
        })""",
        [RULES, without],
    )
    return [
        f"{fault['id']}: {fault['help']}: {node['target'][0]} {_why(node)}"
        for fault in found["violations"]
        for node in fault["nodes"][:5]
    ]


def _why(node: dict) -> str:
    said = [check["message"] for check in (*node["any"], *node["all"], *node["none"])]
    return f"({said[0]}) {node['html'][:160]}" if said else node["html"][:160]


def _of_width(page: Page) -> list[str]:
    return page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            const wide = [...document.querySelectorAll("body *")]
                .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 0.5)
                .filter((each) => ![...each.children].some(
                    (child) => child.getBoundingClientRect().right > root.clientWidth + 0.5));
            return [`scrolls sideways: ${root.scrollWidth} in ${root.clientWidth}: `
                + wide.slice(0, 4).map((each) => each.outerHTML.slice(0, 120)).join(" | ")];
        }"""
    )


MARKUP = """(pointers) => {
    const faults = [];
    const say = (fault, element) => faults.push(`${fault}: ${element.outerHTML.slice(0, 160)}`);
    const all = [...document.querySelectorAll("*")];

    const headings = document.querySelectorAll("h1");
    if (headings.length !== 1) faults.push(`has ${headings.length} h1`);
    if (!document.title.trim() || document.title.trim().startsWith("·")) faults.push(`is called "${document.title}"`);
    if (!document.documentElement.lang) faults.push("has no language");

    const ids = all.filter((each) => each.id).map((each) => each.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`has the id "${id}" twice`);

    for (const element of all) {
        for (const name of pointers) {
            if (!element.hasAttribute(name)) continue;
            const targets = element.getAttribute(name).split(/\\s+/).filter(Boolean);
            if (!targets.length) say(`${name} is empty`, element);
            for (const target of targets) {
                if (!document.getElementById(target)) say(`${name} points at no "${target}"`, element);
            }
        }
        if (element.matches("a[href]")) {
            const link = new URL(element.href);
            const isHere = link.origin === location.origin && link.pathname === location.pathname;
            const target = decodeURIComponent(link.hash.slice(1));
            if (isHere && target && !document.getElementById(target)) say(`leads to no "#${target}"`, element);
        }
        if (element.hasAttribute("style")) say("has an inline style", element);
        for (const {name} of element.attributes) if (name.startsWith("on")) say(`has ${name}`, element);
        if (element.matches("script:not([src])") && element.type !== "application/json") say("is inline", element);
        if (element.matches("style")) say("is inline", element);
    }
    return faults;
}"""
