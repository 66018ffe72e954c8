"""Mails of one shape: what happened, somebody's own words, one button, and why you get this.

Each app writes its own letters as functions that return a Letter; the two templates here are the only place that knows
what a mail looks like.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from accounts import text
from accounts.emails import SITE_NAME, inliner
from accounts.models import User
from accounts.notices import Mail


@dataclass(frozen=True)
class Letter:
    """What one mail says, in plain text of the reader's language; nothing in it is HTML.

    `subject` says what and with whom. `paragraphs` come first, then `facts` (name, value), then `quote`, the words of
    `quoted`. `button` is its label and a path of the site. `document` is a long text, such as a contract's, that stands
    whole below the button. `reason` says why one gets this.
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


def render(letter: Letter, *, reader: User) -> Mail:
    """Return the mail with both of its parts."""
    label, path = letter.button
    about: dict[str, Any] = {
        "letter": letter,
        "name": reader.profile.first_name,
        "site_name": SITE_NAME,
        "site_url": settings.SITE_URL,
        "label": label,
        "url": f"{settings.SITE_URL}{path}",
    }
    return Mail(
        subject=text.one_line(letter.subject),
        text=render_to_string("emails/letter.txt", about).strip() + "\n",
        html=inliner.inline(render_to_string("emails/letter.html", about)),
    )
