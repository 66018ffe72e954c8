"""A contract's text in words: the one rendering of the canonical bytes, for pages, mails and comparison. Pure."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from accounts.models.profiles import Medium
from contracts.canonical import document_in
from contracts.coverage import is_served_by


@dataclass(frozen=True)
class Line:
    """One thing said: `text` is as people typed it, `label` is ours and may be empty."""

    text: str
    label: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.text}" if self.label else self.text


@dataclass(frozen=True)
class Block:
    """A part of the text under a heading. `items` are the entries of a list, each of one line or more."""

    heading: str
    lines: tuple[Line, ...] = ()
    items: tuple[tuple[Line, ...], ...] = field(default=())


def blocks(text: str) -> list[Block]:
    """Return the readable form of a canonical text. Nothing that it holds is left out."""
    return list(_blocks(document_in(text)))


def plain(text: str) -> str:
    """Return the readable form as plain text, for a mail."""
    paragraphs = []
    for block in blocks(text):
        rows = [block.heading.upper(), *(str(line) for line in block.lines)]
        rows += [f"{number}. " + "\n   ".join(map(str, item)) for number, item in enumerate(block.items, 1)]
        paragraphs.append("\n".join(rows))
    return "\n\n".join(paragraphs)


def part_lines(
    kind: str, content: Mapping[str, str], needs: Mapping[str, str], *, name: str = "", other: str = ""
) -> list[Line]:
    """Return one part of a draft in words. `needs` are the texts of the needs by key, `name` and `other` what the party
    of a part and the other one are called."""
    if kind == "goal":
        return list(_goal(content))
    if kind == "push":
        return list(_push(content, name, other))
    if kind == "rhythm":
        return list(_rhythm(content))
    if kind == "commitment":
        return list(_commitment(content, needs))
    return _thing_lines(content)


def date_words(iso: str) -> str:
    """Return an ISO date as people write it; what is no date as it is."""
    try:
        return date_format(dt.date.fromisoformat(iso), "j F Y")
    except ValueError:
        return iso


def measure_words(commitment: Mapping[str, str]) -> str:
    """Return how a commitment is measured, in words; empty when it does not say."""
    if commitment["measure"] == "amount":
        return " ".join(part for part in (commitment["amount"], commitment["unit"]) if part)
    return commitment["fact"] if commitment["measure"] == "fact" else ""


def meeting_words(rhythm: Mapping[str, str]) -> str:
    """Return when the two meet, such as “every week on Wednesday at 18:00 (Europe/London), 60 minutes”."""
    if not (rhythm["weekday"] and rhythm["time"]):
        return ""
    words = {"day": WEEKDAYS[int(rhythm["weekday"])], "time": rhythm["time"], "zone": rhythm["zone"]}
    if rhythm["every_weeks"] == "2":
        said = _("every two weeks on %(day)s at %(time)s (%(zone)s)") % words
    else:
        said = _("every week on %(day)s at %(time)s (%(zone)s)") % words
    if rhythm["minutes"]:
        said += ", " + ngettext("%(number)s minute", "%(number)s minutes", int(rhythm["minutes"])) % {
            "number": rhythm["minutes"]
        }
    return said


def _blocks(document: Mapping[str, Any]) -> Iterator[Block]:
    names = {party["side"]: party["name"] for party in document["parties"]}
    needs = {need["id"]: need["text"] for party in document["parties"] for need in party["needs"]}
    if amends := document["amends"]:
        yield Block(
            _("What this follows"),
            (
                Line(_("This takes the place of version %(number)s.") % {"number": amends["version"]}),
                Line(amends["sha256"], _("SHA-256 of that version")),
            ),
        )
    for party in document["parties"]:
        words = {"name": party["name"]}
        other = next(name for side, name in names.items() if side != party["side"])
        yield Block(_("What %(name)s wants") % words, tuple(_goal(party["goal"])))
        # Not everybody says it, and a text of the first version could not.
        if push := tuple(_push(party.get("push", {}), party["name"], other)):
            yield Block(_("How %(name)s wants to be pushed") % words, push)
        yield Block(_("What %(name)s has") % words, items=tuple((_thing(thing),) for thing in party["haves"]))
        yield Block(
            _("What %(name)s needs") % words,
            items=tuple(tuple(_thing_lines(need)) for need in party["needs"]),
        )
    for side, name in names.items():
        other = next(one for key, one in names.items() if key != side)
        given = [commitment for commitment in document["commitments"] if commitment["giver"] == side]
        yield Block(
            _("What %(giver)s will do for %(receiver)s") % {"giver": name, "receiver": other},
            items=tuple(tuple(_commitment(commitment, needs)) for commitment in given),
        )
    yield Block(_("When we meet"), tuple(_rhythm(document["rhythm"])))


def _goal(goal: Mapping[str, str]) -> Iterator[Line]:
    labels = {
        "long": _("In about a year"),
        "short": _("In this stretch"),
        "by": _("By"),
        "indicator": _("There when"),
        "count": _("Counted"),
        "strategies": _("How"),
    }
    said = {**goal, "by": date_words(goal["by"]) if goal["by"] else "", "count": count_words(goal)}
    for name, label in labels.items():
        if said[name]:
            yield Line(said[name], label)


def count_words(goal: Mapping[str, str]) -> str:
    """Return what of a goal is counted, such as “from 2 to 12 chapters”; empty when nothing is."""
    words = {name: goal.get(name, "") for name in ("start", "target", "unit")}
    if words["target"]:
        said = _("from %(start)s to %(target)s %(unit)s") if words["start"] else _("up to %(target)s %(unit)s")
    elif words["start"]:
        said = _("%(start)s %(unit)s at the start")
    else:
        said = "%(unit)s"
    return (said % words).strip()


def _push(push: Mapping[str, str], name: str, other: str) -> Iterator[Line]:
    words = {"name": name, "other": other}
    if way := push.get("way"):
        yield Line(str(WAYS[way]()) if way in WAYS else way, _("When I fall behind"))
    if push.get("how"):
        yield Line(push["how"], _("In my own words"))
    if push.get("believe"):
        yield Line(push["believe"], _("Why %(name)s believes in %(other)s") % words)
    if push.get("consent"):
        yield Line(consent_to_push(name, other))


WAYS = {
    "call": lambda: _("Call me"),
    "ask": lambda: _("Ask me why"),
    "wait": lambda: _("Give me two days, then ask"),
}


def consent_to_push(name: str, other: str) -> str:
    """Return what a party agrees to who says how they want to be pushed: a sentence of the text that both sign."""
    return _(
        "%(name)s agrees that %(other)s may use these words to push %(name)s, as they stand here, and may be sent why"
        " %(name)s believes in %(other)s."
    ) % {"name": name, "other": other}


def _thing(thing: Mapping[str, str]) -> Line:
    return Line(thing["text"], KINDS[thing["kind"]]() if thing["kind"] in KINDS else "")


def _thing_lines(thing: Mapping[str, str]) -> list[Line]:
    return [_thing(thing), *([Line(_("will find it elsewhere"))] if thing.get("elsewhere") else [])]


KINDS = {"skill": lambda: _("skill"), "resource": lambda: _("resource"), "contact": lambda: _("contact")}


def _commitment(commitment: Mapping[str, str], needs: Mapping[str, str]) -> Iterator[Line]:
    yield Line(commitment["what"])
    if is_served_by(commitment["need"], commitment["giver"]) and commitment["need"] in needs:
        yield Line(needs[commitment["need"]], _("for the need"))
    if measure := measure_words(commitment):
        yield Line(measure, _("kept when") if commitment["measure"] == "fact" else _("how much"))
    if commitment["by"]:
        yield Line(date_words(commitment["by"]), _("by"))


def _rhythm(rhythm: Mapping[str, str]) -> Iterator[Line]:
    if when := meeting_words(rhythm):
        yield Line(when, _("We meet"))
    if rhythm["medium"] or rhythm["where"]:
        medium = str(Medium(rhythm["medium"]).label) if rhythm["medium"] in Medium.values else rhythm["medium"]
        yield Line(", ".join(part for part in (medium, rhythm["where"]) if part), _("How and where"))
    if rhythm["first_on"]:
        yield Line(date_words(rhythm["first_on"]), _("First meeting"))
    if rhythm["weeks"]:
        yield Line(
            ngettext("%(number)s week", "%(number)s weeks", int(rhythm["weeks"])) % {"number": rhythm["weeks"]},
            _("For"),
        )
    if rhythm["review_on"]:
        yield Line(date_words(rhythm["review_on"]), _("We look at it again on"))
