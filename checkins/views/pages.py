"""What the pages of meetings and check-ins show: read once, in the words and on the clock of who looks."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import User
from accounts.rules import Refused
from checkins import hindrances, opening, pushing, series
from checkins.actions import checkins as logging
from checkins.actions.replying import Offer, offer
from checkins.models import CheckIn, FitAnswer, Help, Push
from checkins.series import Occurrence, Series, Standing
from checkins.words import both_clocks, day_words, shift_words, their_clock, usual_clock_words
from contracts.actions.holding import are_apart
from contracts.canonical import document_in
from contracts.lifecycle import Side
from contracts.models import Contract
from contracts.views.contracts import seen_by
from contracts.views.pages import name_of

CALL_AROUND = dt.timedelta(days=1)


@dataclass
class Pair:
    """A contract that is or was in force, as one of its parties sees it."""

    contract: Contract
    viewer: User
    side: Side
    meetings: Series
    now: dt.datetime
    check_ins: dict[tuple[dt.date, str], CheckIn]
    pushes: list[Push]

    @property
    def other(self) -> User | None:
        return self.contract.member(self.side.other)

    @cached_property
    def are_apart(self) -> bool:
        """Whether one of the two has blocked the other: what they logged stays, and nothing is added."""
        return not self.contract.is_in_force and are_apart(self.contract)

    @property
    def name(self) -> str:
        return name_of(self.contract, self.side.other)

    @property
    def full_name(self) -> str:
        return self.contract.called(self.side.other)

    def mine(self, on: dt.date) -> CheckIn | None:
        return self.check_ins.get((on, self.side.value))

    def theirs(self, on: dt.date) -> CheckIn | None:
        return self.check_ins.get((on, self.side.other.value))

    def shown(self, one: Occurrence) -> CheckIn | None:
        """Return what the other sent for a meeting, if it may be read."""
        return opening.shown(self.mine(one.on), self.theirs(one.on), one, self.now)

    @cached_property
    def offer(self) -> Offer | None:
        """What the viewer is offered to say to the other in a low or silent time, or None."""
        if self.are_apart:
            return None
        return offer(self.contract, self.side, self.meetings, self.check_ins, self.pushes, self.now)

    @property
    def pushed(self) -> Push | None:
        """What the other has said to the viewer in such a time, for as long as they have not checked in since."""
        said = [each for each in self.pushes if each.side == self.side.other.value and each.state == Push.State.SENT]
        if not said or said[-1].said_at + pushing.LASTS < self.now:
            return None
        mine = (each.sent_at for (_on, side), each in self.check_ins.items() if side == self.side.value)
        return None if any(at > said[-1].said_at for at in mine) else said[-1]

    def said_by(self, side: str) -> str:
        """Return who made a change, to the viewer; empty for one who has left."""
        if side == self.side.value:
            return _("you")
        return self.name if side and self.other else ""

    def row(self, one: Occurrence) -> "Row":
        return Row(self, one)


class Row:
    """One meeting in words, for its own page and for a list."""

    def __init__(self, pair: Pair, one: Occurrence) -> None:
        self.pair, self.one = pair, one
        self.mine, self.theirs = pair.mine(one.on), pair.shown(one)
        zone = pair.viewer.time_zone
        self.local = one.local(zone)
        self.day = day_words(one.at, pair.now, zone)
        self.their_clock = their_clock(one, zone, pair.other.time_zone, pair.name) if pair.other else ""
        self.when = both_clocks(one, zone, pair.other.time_zone if pair.other else "", pair.name)
        self.notes = [note for note in (shift_words(one), usual_clock_words(one, zone)) if note]

    @property
    def is_past(self) -> bool:
        return self.one.ends_at <= self.pair.now

    @property
    def has_begun(self) -> bool:
        return self.one.at <= self.pair.now

    @property
    def is_open(self) -> bool:
        """Whether the two check-ins are open to each other."""
        return opening.is_open(self.mine, self.pair.theirs(self.one.on), self.one, self.pair.now)

    @property
    def may_log(self) -> bool:
        """Whether one may write a check-in, or change one's own."""
        is_sent = self.mine is not None and self.mine.state == CheckIn.State.SENT
        return self.can_be_logged and not (is_sent and self.is_open)

    @property
    def can_be_logged(self) -> bool:
        pair = self.pair
        return logging.can_be_logged(pair.contract, pair.meetings, self.one, pair.now) and not pair.are_apart

    @property
    def may_reply(self) -> bool:
        """Whether one may answer the other's check-in."""
        ended_at = self.pair.contract.ended_at
        is_over = ended_at is not None and ended_at + logging.AFTER_THE_END < self.pair.now
        return self.theirs is not None and not is_over and not self.pair.are_apart

    @property
    def has_call(self) -> bool:
        """Whether the page for the call itself is of use: from a day before until the day after."""
        begins, ends = self.one.at - CALL_AROUND, self.one.ends_at + CALL_AROUND
        return self.pair.contract.is_in_force and self.one.takes_place and begins <= self.pair.now <= ends

    @property
    def why_not(self) -> str:
        """Why it cannot be logged, in a sentence."""
        return logging.why_not(self.pair.contract, self.one, self.pair.now)

    @property
    def may_change(self) -> bool:
        """Whether it can be moved or cancelled."""
        return self.pair.contract.is_in_force and self.one.takes_place and not self.has_begun and not self.one.held

    @property
    def may_put_back(self) -> bool:
        is_changed = self.one.standing in {Standing.MOVED, Standing.CANCELLED}
        return self.pair.contract.is_in_force and is_changed and self.one.by_rhythm.at > self.pair.now

    @property
    def changed_by(self) -> str:
        row = self.one.row
        return self.pair.said_by(row.changed_by) if row else ""

    @property
    def standing_words(self) -> str:
        """How it stands, in a word or two; empty when it is as the contract says and still to come."""
        if self.one.standing is Standing.CANCELLED:
            return _("Cancelled")
        if self.one.standing is Standing.PAUSED:
            return _("Pause")
        if self.one.held == "yes":
            return _("You met")
        if self.one.held == "no":
            return _("You did not meet")
        return _("Moved") if self.one.standing is Standing.MOVED else ""


def pair_seen_by(request: HttpRequest, contract_id: int) -> Pair:
    """Return the pair of a contract of the one who asks; there is none of a contract that never was in force."""
    contract = seen_by(request, contract_id)
    meetings = series.of(contract)
    if meetings is None:
        raise Http404
    found = CheckIn.objects.filter(contract=contract)
    check_ins = {(each.on, each.side): each for each in found}
    pushes = list(Push.objects.filter(contract=contract))
    return Pair(contract, request.user, contract.side_of(request.user), meetings, clock.now(), check_ins, pushes)


def row_seen_by(request: HttpRequest, contract_id: int, on: dt.date) -> Row:
    """Return one meeting of the one who asks."""
    pair = pair_seen_by(request, contract_id)
    one = pair.meetings.find(on)
    if one is None:
        raise no_meeting(pair, on)
    return pair.row(one)


def no_meeting(pair: Pair, on: dt.date) -> Exception:
    """Return what to raise about a day without a meeting: a sentence where one was planned, as an old mail may say."""
    if not pair.meetings.was_planned(on):
        return Http404()
    words = {"day": date_format(on, "DATE_FORMAT"), "name": pair.name}
    sentence = _("There is no meeting with %(name)s on %(day)s any more: your contract has changed or ended since.")
    return Refused(sentence % words, leads_to=reverse("weeks", args=[pair.contract.pk]))


def pairs_in_force(viewer: User) -> list[Pair]:
    """Return the pairs of the contracts in force of a member. Six queries, however many they are."""
    contracts = [
        contract
        for contract in Contract.objects.visible_to(viewer)
        .open()
        .with_reviews()
        .annotate(**fits_answered(), **waiting_help())
        .select_related("first__profile", "second__profile", "version_in_force", "silence")
        if contract.is_in_force
    ]
    if not contracts:
        return []
    all_series = series.read(contracts)
    check_ins: dict[int, dict[tuple[dt.date, str], CheckIn]] = {contract.pk: {} for contract in contracts}
    for each in CheckIn.objects.filter(contract__in=check_ins):
        check_ins[each.contract_id][each.on, each.side] = each
    pushes: dict[int, list[Push]] = {contract.pk: [] for contract in contracts}
    for said in Push.objects.filter(contract__in=pushes):
        pushes[said.contract_id].append(said)
    now = clock.now()
    return [
        Pair(
            contract, viewer, contract.side_of(viewer), all_series[contract.pk], now, check_ins[contract.pk],
            pushes[contract.pk],
        )
        for contract in contracts
        if contract.pk in all_series
    ]  # fmt: skip


def fits_answered() -> dict[str, Subquery]:
    """The number of the last question about the fit that each has answered: `first_answered`, `second_answered`."""
    of_contract = FitAnswer.objects.filter(contract=OuterRef("pk")).order_by("-question").values("question")
    return {f"{side.value}_answered": Subquery(of_contract.filter(side=side)[:1]) for side in Side}


def waiting_help() -> dict[str, Subquery]:
    """Return since when help waits for the yes of each, for the query that reads contracts: `first_is_asked_since`."""
    said = Help.objects.waiting().filter(contract=OuterRef("pk")).order_by("said_at")
    return {
        f"{side.value}_is_asked_since": Subquery(said.filter(giver=side.other).values("said_at")[:1]) for side in Side
    }


def frame(pair: Pair) -> dict[str, Any]:
    """What every page of a pair shows."""
    return {
        "pair": pair,
        "contract": pair.contract,
        "other": pair.other.profile if pair.other else None,
        "other_name": pair.full_name,
        "other_first_name": pair.name,
    }


def goal_of(contract: Contract, side: Side) -> Mapping[str, str]:
    """Return the goal of a party, as the version in force says it."""
    version = contract.version_in_force
    assert version is not None
    document = document_in(version.text)
    return next(party["goal"] for party in document["parties"] if party["side"] == side.value)


def strategies_of(goal: Mapping[str, str]) -> list[str]:
    """Return the strategies of a goal one by one: its lines, or what stands between semicolons."""
    lines: Iterable[str] = goal["strategies"].replace(";", "\n").splitlines()
    found = [" ".join(line.strip(" \t-–•*·").split())[:300] for line in lines]
    return list(dict.fromkeys(line for line in found if line))[:12]


def check_in_lines(check_in: CheckIn, unit: str, *, is_mine: bool) -> list[tuple[str, str]]:
    """Return what a check-in says as questions and answers; the private note only to its author."""
    said = [
        (_("Had promised"), check_in.promise),
        (_("Did it"), check_in.get_kept_display() if check_in.kept else ""),
        (_("What moved"), check_in.moved),
        (_("Indicator"), number_words(check_in.indicator, unit)),
        (_("Sure to get there"), _("%(number)d of 5") % {"number": check_in.confidence} if check_in.confidence else ""),
        (_("Until next time"), check_in.next_step),
        (_("In the way"), hindrances.words_of(check_in)),
        (_("What helped with it"), check_in.helped),
        (_("The long goal"), check_in.long_goal),
        (_("What helped"), "\n".join(check_in.strategies)),
        (_("Where the time went"), check_in.time_spent),
        (_("Help given"), check_in.help_given),
        (_("Help received"), check_in.help_received),
    ]
    if is_mine:
        said.append((_("Your private note"), check_in.private_note))
    return [(label, text) for label, text in said if text]


def number_words(number: object, unit: str) -> str:
    """Return a number without needless zeros, with its unit; empty for None."""
    if number is None:
        return ""
    plain = f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"
    return f"{plain} {unit}".strip()
