"""Mails of one shape: what happened, somebody's own words, one button, and why you get this.

Each app writes its own letters as functions that return a Letter; what renders them here is the only place that knows
what a mail looks like. Several letters to one person can become one mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import css_inline
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import Truncator
from django.utils.translation import gettext as _, ngettext

from accounts import text
from accounts.models import User

SITE_NAME = "Peermentor"
# A mail is to stay below 30 kB, in which a document stands twice.
LONGEST_DOCUMENT = 6_500
# In a mail of several things: how many stand in it, how much is said of each, and how many reasons are given.
MOST_TOGETHER = 6
MOST_LINES = 20
LONGEST_PARAGRAPH = 160
MOST_REASONS = 4

inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True)
class Mail:
    """A rendered mail. `text` is a whole mail of its own; `html` may be empty."""

    subject: str
    text: str
    html: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    """What one mail says, in plain text of the reader's language; nothing in it is HTML.

    `subject` says what and with whom. `paragraphs` come first, then `facts` (name, value), then `quote`, the words of
    `quoted`. `button` is its label and a path of the site. `document` is a long text, such as a contract's, that stands
    whole below the button. `reason` says why one gets this. Among others in one mail a letter is its subject, the first
    paragraph, the facts and the button; in the weekly mail its subject and the button.
    """

    subject: str
    heading: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str]
    reason: str
    facts: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    quoted: str = ""
    document: str = ""


@dataclass(frozen=True)
class Foot:
    """Where a reader changes what they get, and where they stop it: absolute addresses.

    Who is no member has nothing to change, and stops it in other words.
    """

    change_url: str
    stop_url: str
    stop_words: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What mail programs make their own "unsubscribe" of (RFC 2369, RFC 8058)."""
        return {"List-Unsubscribe": f"<{self.stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def render(letter: Letter, *, reader: User | None, foot: Foot | None = None) -> Mail:
    """Return the mail with both of its parts; without `foot` it is one that cannot be stopped.

    `reader` is None where the mail goes to somebody who is no member: it calls them by no name.
    """
    label, path = letter.button
    return _rendered(
        "emails/letter",
        letter.subject,
        {"letter": letter, "document": _shortened(letter.document), "label": label, "url": _absolute(path)},
        reader=reader,
        foot=foot,
    )


def render_together(letters: Sequence[Letter], *, reader: User, foot: Foot) -> Mail:
    """Return one mail that holds several letters, each with what it says first and its own button."""
    others = len(letters) - 1
    about = {"subject": letters[0].subject, "count": others}
    subject = ngettext("%(subject)s, and %(count)d more", "%(subject)s, and %(count)d more", others) % about
    items = [_item(letter, letter.paragraphs[:1], letter.facts) for letter in letters]
    return _rendered(
        "emails/together",
        subject,
        {
            "heading": ngettext("%(count)d thing for you", "%(count)d things for you", len(items))
            % {"count": len(items)},
            **_first_of(items, MOST_TOGETHER),
            "reasons": list(dict.fromkeys(letter.reason for letter in letters))[:MOST_REASONS],
        },
        reader=reader,
        foot=foot,
    )


def render_digest(letters: Sequence[Letter], *, reader: User, foot: Foot) -> Mail:
    """Return the mail that gathers what came up meanwhile, a line with a link for each."""
    unique = {(letter.subject, letter.button[1]): letter for letter in letters}
    items = [_item(letter) for letter in unique.values()]
    count = {"count": len(items)}
    return _rendered(
        "emails/together",
        ngettext("%(count)d thing since the last mail", "%(count)d things since the last mail", len(items)) % count,
        {
            "heading": _("What came up meanwhile"),
            **_first_of(items, MOST_LINES),
            "reasons": [_("You get this because you asked for one mail instead of many.")],
        },
        reader=reader,
        foot=foot,
    )


def _rendered(template: str, subject: str, about: dict[str, Any], *, reader: User | None, foot: Foot | None) -> Mail:
    about = {
        **about,
        "name": reader.profile.first_name if reader else "",
        "site_name": SITE_NAME,
        "site_url": settings.SITE_URL,
        "foot": foot,
    }
    return Mail(
        subject=text.one_line(subject),
        text=render_to_string(f"{template}.txt", about).strip() + "\n",
        html=inliner.inline(render_to_string(f"{template}.html", about)),
        headers=foot.headers if foot else {},
    )


def _item(letter: Letter, paragraphs: tuple[str, ...] = (), facts: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    label, path = letter.button
    return {
        "line": letter.subject,
        "paragraphs": [Truncator(paragraph).chars(LONGEST_PARAGRAPH) for paragraph in paragraphs],
        "facts": [(name, Truncator(value).chars(LONGEST_PARAGRAPH)) for name, value in facts],
        "label": label,
        "url": _absolute(path),
    }


def _first_of(items: list[dict[str, Any]], most: int) -> dict[str, Any]:
    """As many as a mail holds, and how many more there are."""
    return {"items": items[:most], "more": max(0, len(items) - most)}


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _shortened(document: str) -> str:
    """Return a document no longer than a mail can hold; cut, it says where the whole of it is."""
    if len(document) <= LONGEST_DOCUMENT:
        return document
    cut = document[:LONGEST_DOCUMENT].rpartition("\n")[0] or document[:LONGEST_DOCUMENT]
    return f"{cut}\n\n" + _("It goes on: the whole text is behind the button above.")
