"""A contract's audit trail in words, for the page that shows it and for the sealed copy. Pure."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _, ngettext

from contracts.chain import Link
from contracts.lifecycle import Side


@dataclass(frozen=True)
class Entry:
    """What happened, in a sentence. `at` is the instant, of several changes the last one. `version` is 0 for none."""

    sentence: str
    at: dt.datetime
    version: int = 0


def entries(links: Iterable[Link], names: Mapping[Side, str]) -> list[Entry]:
    """Return the trail in words, in its order. Changes of one party, one after the other, are one entry."""
    return list(_entries(links, names))


def _entries(links: Iterable[Link], names: Mapping[Side, str]) -> Iterator[Entry]:
    for (kind, by), together in groupby(links, key=lambda link: (link.kind, link.by)):
        run = list(together)
        words = {"name": names[Side(by)] if by else ""}
        if kind == "changed":
            said = ngettext(
                "%(name)s changed one part of the text", "%(name)s changed %(count)s parts of the text", len(run)
            )
            yield Entry(said % {**words, "count": len(run)}, _at(run[-1]))
            continue
        for link in run:
            yield Entry(_sentence(link, words), _at(link), link.version)


def _at(link: Link) -> dt.datetime:
    return dt.datetime.fromisoformat(link.at.replace("Z", "+00:00"))


def _sentence(link: Link, words: Mapping[str, str]) -> str:
    said = json.loads(link.payload) if link.payload else {}
    if link.kind == "signed" and said.get("in_force"):
        return _("%(name)s signed, and it came into force") % words
    if link.kind == "ended" and not link.by and said.get("how") == "taken_back":
        return _("The draft was taken back")
    if link.kind == "ended" and not link.by and said.get("how") == "fell_silent":
        return _("After a long silence of both, the contract was closed with thanks")
    if link.kind == "ended" and not link.by:
        return _("The contract ended")
    found = WORDS.get((link.kind, said.get("how", ""))) or WORDS[link.kind, ""]
    return found() % words


WORDS: Mapping[tuple[str, str], Callable[[], str]] = {
    ("created", ""): lambda: _("%(name)s started the draft"),
    ("opened", ""): lambda: _("%(name)s looked at the text as it stood"),
    ("reviewed", ""): lambda: _("%(name)s had the whole text before them, ready to sign"),
    ("signed", ""): lambda: _("%(name)s signed"),
    ("voided", ""): lambda: _("A signature became void"),
    ("voided", "changed"): lambda: _("%(name)s changed the text, which made the signature void"),
    ("voided", "taken_back"): lambda: _("%(name)s took the signature back"),
    ("sealed", ""): lambda: _("The signed copy was sealed"),
    ("sent", ""): lambda: _("The signed copy was given to the mail for %(name)s"),
    ("downloaded", ""): lambda: _("%(name)s downloaded the signed copy"),
    ("amended", ""): lambda: _("%(name)s began or took back an amendment"),
    ("amended", "begun"): lambda: _("%(name)s began an amendment"),
    ("amended", "renewed"): lambda: _("%(name)s began another stretch, as a draft"),
    ("amended", "late"): lambda: _(
        "What %(name)s had written without a connection came after both had signed: it began an amendment"
    ),
    ("amended", "taken_back"): lambda: _("%(name)s took the amendment back"),
    ("said_done", ""): lambda: _("%(name)s said that the goal is met"),
    ("said_not_done", ""): lambda: _("%(name)s said that there is still something to do"),
    ("ended", ""): lambda: _("%(name)s ended it"),
    ("ended", "taken_back"): lambda: _("%(name)s took the draft back"),
    ("ended", "done"): lambda: _("%(name)s said so too: the contract is done"),
    ("ended", "parted"): lambda: _("%(name)s ended the contract"),
    ("ended", "left"): lambda: _("%(name)s left Peermentor"),
}
