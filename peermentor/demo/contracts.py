"""The contracts of the demo community: begun, written and signed by the actions, one by one, each on its own day.

Days in the file count from today, so that what is promised is still to come: `in_days` is a date so many days away,
`review_in` that of the review, `first` a meeting on the first such weekday from then on, or on that very day. What is
over (done, parted) counts back, and so does the first meeting of those who have met for some weeks
(peermentor.demo.weeks).
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import translation

from accounts import clock
from accounts.models import User
from checkins import series
from checkins.actions import fitting
from checkins.fitting import Answer
from contracts import draft
from contracts.actions import closing, drafting, ending, signing
from contracts.canonical import sha256
from contracts.document import Content, content_of, parse_key
from contracts.lifecycle import Side
from contracts.models import Contract
from contracts.stretches import Outcome
from matching.lifecycle import State as IntroductionState
from matching.models import Introduction
from peermentor.demo import weeks
from peermentor.demo.days import DOMAIN, days_ago

FILE = Path(__file__).with_name("contracts.json")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def add_missing(entries: list[dict[str, Any]]) -> None:
    """Write the contracts of the file; a pair that has one already, or does not talk, is left alone."""
    by_name = {user.email.partition("@")[0]: user for user in User.objects.filter(email__endswith=DOMAIN)}
    today = clock.now().date()
    for entry in entries:
        parties = {side: by_name.get(entry[side.value]) for side in Side}
        first, second = parties.values()
        if first is None or second is None or Contract.objects.of(first).of(second).exists():
            continue
        talk = Introduction.objects.between(first, second).filter(state=IntroductionState.ACCEPTED).first()
        if talk is not None:
            with transaction.atomic():
                _write(entry, talk, {Side.FIRST: first, Side.SECOND: second}, today)


def are_complete(entries: list[dict[str, Any]]) -> bool:
    """Whether each pair of the file has a contract. One query."""
    ours = Contract.objects.filter(first__email__endswith=DOMAIN, second__email__endswith=DOMAIN)
    have = {frozenset(pair) for pair in ours.values_list("first__email", "second__email")}
    return all({f"{entry[side.value]}{DOMAIN}" for side in Side} in have for entry in entries)


def read_file() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return entries


def _write(entry: dict[str, Any], talk: Introduction, parties: Mapping[Side, User], today: dt.date) -> None:
    start, *others = entry["then"]
    with days_ago(start["days_ago"]):
        contract = drafting.start(by=parties[Side(start["by"])], introduction_id=talk.pk)
    now = clock.now()
    acts: list[weeks.Act] = []
    is_lived = "weeks" not in entry
    for step in others:
        acts = _live(acts, until=now - dt.timedelta(days=step["days_ago"]), now=now)
        side = Side(step["by"])
        with days_ago(step["days_ago"]), translation.override(parties[side].language):
            STEPS[step["do"]](step, contract.pk, parties[side], side, today)
        if not is_lived and Contract.objects.get(pk=contract.pk).is_in_force:
            acts, is_lived = weeks.acts(entry["weeks"], contract.pk, parties, now), True
    _live(acts, until=now, now=now)


def _live(acts: list[weeks.Act], *, until: dt.datetime, now: dt.datetime) -> list[weeks.Act]:
    """Let the two do what they did in their weeks until then; return what comes later."""
    for at, by, act in acts:
        if at <= until:
            with days_ago((now - at) / dt.timedelta(days=1)), translation.override(by.language):
                act()
    return [each for each in acts if each[0] > until]


Step = Mapping[str, Any]


def _goal(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    _change(pk, by, {f"goal-{side.value}": content_of("goal", {**step, "by": _day(step["in_days"], today)})})


def _push(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    _change(pk, by, {f"push-{side.value}": content_of("push", {**step, "consent": "yes"})})


def _lists(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    """What the party has and needs, in these words and in this order; what came in from the profile makes way."""
    for kind in ("have", "need"):
        _say(pk, by, kind, [{"kind": thing, "text": words} for thing, words in step[f"{kind}s"]], side=side)


def _promise(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    """What the party gives. `serves` is the number of the other's need, in their list."""
    needs = _keys(draft.contents(Contract(pk=pk)), "need", side.other)
    promises = []
    for promise in step["promises"]:
        said = {"what": promise["what"], "giver": side.value, "by": _day(promise.get("in_days"), today)}
        if "serves" in promise:
            said["need"] = needs[promise["serves"] - 1]
        promises.append(said | _measure(promise.get("measure")))
    _say(pk, by, "commitment", promises, giver=side)


def _measure(measure: list[Any] | str | None) -> dict[str, str]:
    if isinstance(measure, str):
        return {"measure": "fact", "fact": measure}
    return {"measure": "amount", "amount": str(measure[0]), "unit": measure[1]} if measure else {}


def _meet(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    earliest = today + dt.timedelta(days=step["first"])
    weekday = DAYS.index(step["weekday"]) if "weekday" in step else earliest.weekday()
    first = earliest + dt.timedelta(days=(weekday - earliest.weekday()) % 7)
    said = {name: str(value) for name, value in step.items()} | {"weekday": str(weekday), "first_on": first.isoformat()}
    said["review_on"] = _day(step.get("review_in"), today)
    _change(pk, by, {"rhythm": content_of("rhythm", said)})


def _elsewhere(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    key = _keys(draft.contents(Contract(pk=pk)), "need", side)[step["need"] - 1]
    drafting.set_elsewhere(by=by, contract_id=pk, key=key, is_elsewhere=True)


def _look(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    drafting.look(by=by, contract_id=pk, head=Contract.objects.get(pk=pk).head)


def _sign(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    contract = Contract.objects.select_related("open_version", "first__profile", "second__profile").get(pk=pk)
    signing.sign(
        by=by,
        contract_id=pk,
        shown_sha256=sha256(signing.text_to_sign(contract)),
        shown_head=contract.head,
        typed_name=by.profile.name,
        consent=signing.consent_words(),
    )


def _review(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    """How the party looks back on the stretch."""
    version = Contract.objects.values_list("version_in_force__number", flat=True).get(pk=pk)
    said = {name: step.get(name, "") for name in ("learned", "otherwise", "thanks")}
    closing.review(by=by, contract_id=pk, version=version, outcome=Outcome(step["outcome"]), **said)


def _fit(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
    """What the party answers, for themselves, when asked whether it is a good fit."""
    found = series.of(Contract.objects.get(pk=pk))
    asked = fitting.question_of(found, clock.now()) if found else None
    assert asked is not None
    fitting.answer(by=by, contract_id=pk, question=asked.number, says=Answer(step["says"]), words=step.get("words", ""))


def _end(act: Callable[..., Any]) -> Callable[..., None]:
    """Return the step of an action that asks for nothing but who and which."""

    def step(step: Step, pk: int, by: User, side: Side, today: dt.date) -> None:
        act(by=by, contract_id=pk)

    return step


STEPS: dict[str, Callable[[Step, int, User, Side, dt.date], None]] = {
    "goal": _goal,
    "push": _push,
    "lists": _lists,
    "promise": _promise,
    "meet": _meet,
    "elsewhere": _elsewhere,
    "look": _look,
    "sign": _sign,
    "review": _review,
    "fit": _fit,
    **{act.__name__: _end(act) for act in (ending.amend, ending.take_back, ending.say_done, ending.part)},
}


def _say(
    pk: int,
    by: User,
    kind: str,
    contents: list[dict[str, str]],
    *,
    side: Side | None = None,
    giver: Side | None = None,
) -> None:
    """Make a list of the draft say this: what stands there is changed, what is too much taken out, the rest added."""
    standing = draft.contents(Contract(pk=pk))
    keys = [key for key in _keys(standing, kind, side) if giver is None or standing[key]["giver"] == giver.value]
    _change(pk, by, dict(zip(keys, (content_of(kind, content) for content in contents), strict=False)))
    for key in keys[len(contents) :]:
        drafting.remove_part(by=by, contract_id=pk, key=key)
    for content in contents[len(keys) :]:
        drafting.add_part(by=by, contract_id=pk, kind=kind, content=content, side=side)


def _change(pk: int, by: User, contents: Mapping[str, Content]) -> None:
    standing = draft.read(Contract(pk=pk))
    for key, content in contents.items():
        drafting.change_part(by=by, contract_id=pk, key=key, content=content, base=standing[key].number)


def _keys(contents: Mapping[str, Content], kind: str, side: Side | None) -> list[str]:
    """Return the keys of a list, in the order of the page."""
    found = [key for key in map(parse_key, contents) if key.kind == kind and key.side is side]
    return [str(key) for key in sorted(found, key=lambda key: key.number or 0)]


def _day(days: int | None, today: dt.date) -> str:
    return (today + dt.timedelta(days=days)).isoformat() if days is not None else ""
