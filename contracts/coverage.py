"""What a draft still lacks before it can be signed: each gap a sentence, and the part where it is filled. Pure."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Gap:
    """Something that is missing. `key` names the part to change; empty where a commitment is to be added."""

    sentence: str
    key: str = ""
    giver: str = ""


def gaps(document: Mapping[str, Any], *, today: dt.date, is_frozen: bool = False) -> list[Gap]:
    """Return what is missing, in the order of the page; signing opens when nothing is.

    A first text promises nothing for days before `today`. An amendment may keep what was due by then. A text that one
    party has signed (`is_frozen`) is whole, and still good as long as its last day has not passed.
    """
    if is_frozen:
        return [_over()] if last_day(document["rhythm"]) < today else []
    begins = "" if document["amends"] else today.isoformat()
    return [
        *_in_goals(document, begins),
        *_in_pushes(document),
        *_in_needs(document),
        *_in_commitments(document, begins),
        *_in_rhythm(document["rhythm"], begins, today),
    ]


def last_day(rhythm: Mapping[str, str]) -> dt.date:
    """Return the last day that the rhythm of a text reaches: of its weeks or its review, whichever comes first.

    Raises ValueError where the text says neither.
    """
    ends = [dt.date.fromisoformat(rhythm["review_on"])] if rhythm["review_on"] else []
    if rhythm["weeks"]:
        first_on = dt.date.fromisoformat(rhythm["first_on"])
        ends.append(first_on + dt.timedelta(days=7 * int(rhythm["weeks"]) - 1))
    if not ends:
        raise ValueError("The rhythm says neither for how many weeks nor until when.")
    return min(ends)


def served(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each need the commitments that serve it, by key; a commitment serves a need of its receiver alone."""
    found: dict[str, list[str]] = {need["id"]: [] for party in document["parties"] for need in party["needs"]}
    for commitment in document["commitments"]:
        if is_served_by(commitment["need"], commitment["giver"]):
            found.get(commitment["need"], []).append(commitment["id"])
    return found


def is_served_by(need: str, giver: str) -> bool:
    """Whether the need (a key, or empty) is one of the other party's."""
    return bool(need) and need.split("-")[1] != giver


def has_measure(commitment: Mapping[str, str]) -> bool:
    """Whether a commitment says how both will see it kept: an amount with its unit, or a fact."""
    if commitment["measure"] == "amount":
        return bool(commitment["amount"] and commitment["unit"].strip())
    return bool(commitment["measure"] == "fact" and commitment["fact"].strip())


def _in_goals(document: Mapping[str, Any], begins: str) -> Iterator[Gap]:
    for party in document["parties"]:
        goal, key = party["goal"], f"goal-{party['side']}"
        words = {"name": party["name"]}
        if not goal["short"].strip():
            yield Gap(_("%(name)s’s goal for this stretch is missing.") % words, key)
            continue
        if not goal["by"]:
            yield Gap(_("%(name)s’s goal needs a date.") % words, key)
        elif goal["by"] < begins:
            yield Gap(_("The date of %(name)s’s goal has passed: choose one that is still to come.") % words, key)
        if not goal["indicator"].strip():
            yield Gap(_("Say how you will both see that %(name)s has got there.") % words, key)


def _in_pushes(document: Mapping[str, Any]) -> Iterator[Gap]:
    """Nobody has to say how they want to be pushed. What is said may be used only if they agree that it is."""
    names = {party["side"]: party["name"] for party in document["parties"]}
    for party in document["parties"]:
        push = party.get("push", {})
        if any(push.get(field) for field in ("way", "how", "believe")) and not push.get("consent"):
            words = {"name": party["name"], "other": names[_other(party["side"])]}
            sentence = _("%(name)s has not agreed yet that %(other)s may use the words about being pushed.") % words
            yield Gap(sentence, f"push-{party['side']}")


def _in_needs(document: Mapping[str, Any]) -> Iterator[Gap]:
    serving = served(document)
    for party in document["parties"]:
        for need in party["needs"]:
            if not serving[need["id"]] and not need["elsewhere"]:
                words = {"name": party["name"], "need": _short(need["text"])}
                yield Gap(
                    _("Nobody has promised anything for what %(name)s needs: “%(need)s”.") % words,
                    need["id"],
                    giver=_other(party["side"]),
                )


def _in_commitments(document: Mapping[str, Any], begins: str) -> Iterator[Gap]:
    givers = {commitment["giver"] for commitment in document["commitments"]}
    names = {party["side"]: party["name"] for party in document["parties"]}
    for side, name in names.items():
        if side not in givers:
            words = {"giver": name, "receiver": names[_other(side)]}
            yield Gap(_("%(giver)s gives %(receiver)s nothing yet: one thing at least.") % words, giver=side)
    for commitment in document["commitments"]:
        words = {"giver": names[commitment["giver"]], "what": _short(commitment["what"])}
        if not commitment["what"].strip():
            yield Gap(_("Say what %(giver)s will do.") % words, commitment["id"])
        if not has_measure(commitment):
            yield Gap(_("“%(what)s”: say how you will measure it.") % words, commitment["id"])
        if not commitment["by"]:
            yield Gap(_("“%(what)s”: say by when.") % words, commitment["id"])
        elif commitment["by"] < begins:
            yield Gap(_("“%(what)s”: that day has passed. Say by when.") % words, commitment["id"])


def _in_rhythm(rhythm: Mapping[str, str], begins: str, today: dt.date) -> Iterator[Gap]:
    if not all(rhythm[field] for field in ("weekday", "time", "zone", "minutes", "every_weeks", "first_on")):
        yield Gap(_("Say when you meet: the day, the time, how long, and the first meeting."), "rhythm")
    elif not (rhythm["weeks"] or rhythm["review_on"]):
        yield Gap(_("Say for how many weeks, or when you look at it again."), "rhythm")
    elif last_day(rhythm) < today:
        yield _over()
    elif rhythm["first_on"] < begins:
        yield Gap(_("The day of the first meeting has passed: choose one that is still to come."), "rhythm")
    if not rhythm["medium"]:
        yield Gap(_("Say how you meet: by video, by phone or in person."), "rhythm")


def _over() -> Gap:
    return Gap(_("The last day that you agreed on has passed: say until when you go on."), "rhythm")


def _other(side: str) -> str:
    return "second" if side == "first" else "first"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59].rstrip()}…"
