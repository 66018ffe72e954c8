"""Stories to look back on: that of one contract, for both; and a member's own, for nobody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Goal, User
from accounts.zones import clock_of
from checkins import books
from checkins.actions import help as helping
from checkins.ledger import Ledger, Row
from checkins.models import CheckIn, Naming
from checkins.views import help_pages, pages
from checkins.views.help_pages import sum_words
from contracts.canonical import document_in
from contracts.lifecycle import Side, State
from contracts.models import Contract, StretchReview
from contracts.readable import blocks
from contracts.stretches import Outcome
from contracts.views.contracts import seen_by
from contracts.views.looking_back import LookBack, looking_back
from contracts.views.pages import agreed, name_of


@require_safe
def contract_story(request: HttpRequest, contract_id: int) -> HttpResponse:
    """All of a contract in one document, once it or its stretch has ended."""
    pair = pages.pair_seen_by(request, contract_id)
    if not can_be_told(pair):
        words = {"day": date_format(pair.meetings.rhythm.ends_on, "j F Y")}
        messages.info(request, _("The whole story can be read when this stretch is over, after %(day)s.") % words)
        return redirect("weeks", contract_id)
    return render(request, "checkins/story.html", {**pages.frame(pair), **_story(pair)})


def can_be_told(pair: pages.Pair) -> bool:
    """Whether the contract has ended, or at least a stretch of it."""
    periods = pair.meetings.periods
    today = pair.now.astimezone(clock_of(pair.meetings.rhythm.zone)).date()
    following = [*(each.rhythm.first_on for each in periods[1:]), None]
    is_over = any(
        each.rhythm.ends_on < today and (first_on is None or first_on > each.rhythm.ends_on)
        for each, first_on in zip(periods, following, strict=True)
    )
    return is_over or not pair.contract.is_in_force


def _story(pair: pages.Pair) -> dict[str, Any]:
    contract, version = pair.contract, pair.contract.version_in_force
    assert version is not None
    names = {side: contract.called(side) for side in Side}
    back = looking_back(contract, pair.side)
    look_backs: list[LookBack] = [*reversed(back["earlier"]), back["look_back"]]
    found = help_pages.books_of(pair)
    told = dict(zip((pair.side, pair.side.other), found.sides, strict=True))
    begun = [pair.row(one) for one in pair.meetings.all() if one.at <= pair.now]
    return {
        "names": names,
        "title_names": [names[side] for side in Side],
        # What it amends, and the hash of that, is for those who check a signature.
        "blocks": blocks(version.text)[1 if document_in(version.text)["amends"] else 0 :],
        "versions": agreed(contract),
        "weeks": [_week(pair, row) for row in begun],
        "given": [
            {"name": names[side], "other": names[side.other], "side": told[side]}
            for side in Side
            if told[side].promises or told[side].earlier
        ],
        "reviews": [
            {"name": names[Side(said.review.side)], "outcome": said.outcome, "review": said.review}
            for look_back in look_backs
            for said in sorted(look_back.said, key=lambda said: said.review.side)
        ],
        "meetings": sum(row.one.held == "yes" for row in begun),
        "is_done": contract.state == State.DONE,
    }


def _week(pair: pages.Pair, row: pages.Row) -> dict[str, Any]:
    """One meeting with what both wrote, each under their own name. Private notes are nobody's story but one's own."""
    said = []
    for side in Side:
        check_in = row.mine if side is pair.side else row.theirs
        is_sent = check_in is not None and check_in.state == CheckIn.State.SENT
        unit = pages.goal_of(pair.contract, side).get("unit", "")
        lines = pages.check_in_lines(check_in, unit, is_mine=False) if check_in and is_sent else []
        said.append({"name": pair.contract.called(side), "lines": lines})
    return {"row": row, "said": said if any(each["lines"] for each in said) else []}


@require_safe
def my_story(request: HttpRequest) -> HttpResponse:
    """What I set out to do, what I gave and got, and with whom: for me alone."""
    mine = Contract.objects.visible_to(request.user).filter(version_in_force__isnull=False)
    contracts = list(
        mine.select_related("first__profile", "second__profile", "version_in_force").order_by("-in_force_at", "-pk")
    )
    ledgers = books.read(contracts)
    chapters = _chapters(request.user, contracts, ledgers)
    rows = [(chapter.side, row) for chapter in chapters for row in ledgers[chapter.contract.pk].rows]
    goals = list(Goal.objects.owned_by(request.user).select_related("part_of"))
    context = {
        "goals": [goal for goal in goals if goal.ended_at is None],
        "past_goals": [goal for goal in goals if goal.ended_at],
        "chapters": chapters,
        "gave": sum_words([row for side, row in rows if row.giver is side]),
        "got": sum_words([row for side, row in rows if row.giver is not side]),
        "done": sum(chapter.is_done for chapter in chapters),
    }
    return render(request, "checkins/my_story.html", context)


@require_POST
def my_story_name(request: HttpRequest, contract_id: int) -> HttpResponse:
    """Agree that the two are named on each other's page, or do not agree any more."""
    contract = seen_by(request, contract_id)
    agrees = request.POST.get("agrees") == "yes"
    helping.agree_to_be_named(by=request.user, contract_id=contract.pk, agrees=agrees)
    messages.success(
        request,
        _("Noted. When the other agrees too, you name each other.") if agrees else _("Noted. No name stands there."),
    )
    return redirect("my_story")


@dataclass(frozen=True)
class Chapter:
    """One contract in the story of one of its parties."""

    contract: Contract
    side: Side
    goal: str
    outcome: str
    gave: list[str]
    got: list[str]
    agrees: bool
    both_agree: bool
    can_be_named: bool

    @property
    def partner(self) -> str:
        """The other's name while both agree to it; else nothing."""
        return self.contract.called(self.side.other) if self.both_agree else ""

    @property
    def first_name(self) -> str:
        return name_of(self.contract, self.side.other)

    @property
    def is_done(self) -> bool:
        return self.contract.state == State.DONE


def _chapters(viewer: User, contracts: list[Contract], ledgers: dict[int, Ledger]) -> list[Chapter]:
    ids = [contract.pk for contract in contracts]
    agreed_to = set(Naming.objects.filter(contract__in=ids).values_list("contract", "member"))
    blocked = set(Contract.objects.of_blocked_pairs().filter(pk__in=ids).values_list("pk", flat=True))
    reviews = StretchReview.objects.filter(contract__in=ids).order_by("version__number")
    outcomes = {(each.contract_id, each.side): Outcome(each.outcome) for each in reviews}
    return [
        _chapter(contract, contract.side_of(viewer), ledgers[contract.pk].rows, agreed_to, blocked, outcomes)
        for contract in contracts
        if contract.pk in ledgers
    ]


def _chapter(
    contract: Contract,
    side: Side,
    rows: Iterable[Row],
    agreed_to: set[tuple[int, int]],
    blocked: set[int],
    outcomes: dict[tuple[int, str], Outcome],
) -> Chapter:
    other_id = contract.member_id(side.other)
    can_be_named = other_id is not None and contract.pk not in blocked
    agrees = (contract.pk, contract.member_id(side)) in agreed_to
    assert contract.version_in_force is not None
    parties = document_in(contract.version_in_force.text)["parties"]
    outcome = outcomes.get((contract.pk, side.value))
    return Chapter(
        contract=contract,
        side=side,
        goal=next(party["goal"]["short"] for party in parties if party["side"] == side.value),
        outcome=_outcome_words(outcome) if outcome else "",
        gave=sum_words([row for row in rows if row.giver is side]),
        got=sum_words([row for row in rows if row.giver is not side]),
        agrees=agrees,
        both_agree=can_be_named and agrees and (contract.pk, other_id) in agreed_to,
        can_be_named=can_be_named,
    )


def _outcome_words(outcome: Outcome) -> str:
    return {
        Outcome.DONE: _("You got there"),
        Outcome.CARRY_OVER: _("You stayed with it"),
        Outcome.CHANGE: _("You found that it should be another"),
    }[outcome]
