"""What the pages about help show: each commitment in words, how it stands, and what waits for whom."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from accounts.zones import clock_of
from checkins import balance, books, help_lifecycle
from checkins.actions import help as helping
from checkins.balance import Question
from checkins.help_lifecycle import Move
from checkins.ledger import CONFIRMED, NOT_YET, SAID, Ledger, Row, Standing, Term, sums
from checkins.models import FineAsItIs, Help
from checkins.views.pages import Pair
from checkins.words import amount_words, help_words, plain_number
from contracts.readable import date_words


class Line:
    """Help that was said, as one of the two reads it."""

    def __init__(self, pair: Pair, row: Row, help: Help, *, may_answer: bool) -> None:
        self.pair, self.row, self.help = pair, row, help
        self.term = row.term_of(help)
        self.may = (
            {move for move in Move if help_lifecycle.outcome(help, move, pair.side, pair.now)} if may_answer else set()
        )

    @property
    def pk(self) -> int:
        return self.help.pk

    @property
    def is_mine(self) -> bool:
        """Whether I gave it."""
        return self.help.giver_side is self.pair.side

    @property
    def text(self) -> str:
        return help_words(self.help, self.term)

    @property
    def amount(self) -> str:
        return amount_words(self.help.amount, self.term.unit)

    @property
    def typed(self) -> str:
        """The amount as a form sends it."""
        return "" if self.help.amount is None else f"{self.help.amount:f}"

    @property
    def day(self) -> str:
        return date_format(self.help.on, "j F")

    @property
    def words(self) -> str:
        """What was written with it, by the one who wrote it down; empty of one who has left."""
        return self.help.words

    @property
    def note(self) -> str:
        """Where it stands, in a few words; empty when it is confirmed as it was said."""
        words = {"name": self.pair.name, "said": self.amount}
        if self.help.state == SAID and not self.may:
            return self.told
        if self.help.state == SAID:
            return _("waits for %(name)s’s yes") % words if self.is_mine else _("waits for your yes")
        if self.help.state == NOT_YET:
            return _("has not reached %(name)s yet") % words if self.is_mine else _("has not reached you yet")
        if self.help.amount != self.help.confirmed:
            return _("%(said)s were said") % words
        if self.help.writer is not self.help.giver_side:
            return _("written down by %(name)s") % words if self.is_mine else _("written down by you")
        return ""

    @property
    def told(self) -> str:
        """The same to both, by name: for what they keep, when nobody is asked any more."""
        receiver = self.pair.contract.called(self.help.giver_side.other)
        words = {"name": receiver, "said": self.amount}
        if self.help.state == SAID:
            return _("not confirmed")
        if self.help.state == NOT_YET:
            return _("has not reached %(name)s") % words
        if self.help.amount != self.help.confirmed:
            return _("%(said)s were said") % words
        return _("written down by %(name)s") % words if self.help.writer is not self.help.giver_side else ""

    @property
    def may_confirm(self) -> bool:
        return Move.CONFIRM in self.may

    @property
    def can_be_undone(self) -> bool:
        """Whether I can say that it has not happened for me yet."""
        return Move.NOT_YET in self.may

    @property
    def may_take_back(self) -> bool:
        return Move.TAKE_BACK in self.may

    @property
    def is_confirmed(self) -> bool:
        return self.help.state == CONFIRMED


class Promise:
    """A commitment with its help, as one of the two reads it."""

    def __init__(self, pair: Pair, row: Row, today: dt.date, *, may_answer: bool) -> None:
        self.pair, self.row, self.today = pair, row, today
        self.standing = row.standing(today)
        self.lines = [Line(pair, row, help, may_answer=may_answer) for help in row.given]

    @property
    def is_mine(self) -> bool:
        """Whether I am the one who gives."""
        return self.row.giver is self.pair.side

    @property
    def term(self) -> Term:
        return self.row.term

    @property
    def what(self) -> str:
        return self.term.what

    @property
    def by(self) -> str:
        return date_words(self.term.by.isoformat()) if self.term.by else ""

    @property
    def how_much(self) -> str:
        """How much of how much, in its unit: “2 of 4 hours”; of a fact, by what both see it."""
        if not self.term.is_counted:
            return self.term.fact
        so_far, target = self.row.confirmed(), self.term.target
        if target is None:
            return amount_words(so_far, self.term.unit)
        words = {"so_far": plain_number(so_far), "target": amount_words(target, self.term.unit)}
        return _("%(so_far)s of %(target)s") % words

    @property
    def so_far(self) -> Decimal:
        """How much of what is agreed was confirmed, at the most all of it."""
        return min(self.row.confirmed(), self.term.target) if self.term.target else Decimal(0)

    @property
    def over(self) -> str:
        """How much more it was than agreed; empty when it was not."""
        over = self.row.over()
        return _("%(amount)s more than agreed") % {"amount": amount_words(over, self.term.unit)} if over else ""

    @property
    def standing_words(self) -> str:
        if self.standing is Standing.TAKEN_OUT:
            assert self.row.out_on is not None
            return _("no longer promised since %(day)s") % {"day": date_format(self.row.out_on, "j F")}
        return {
            Standing.KEPT: _("kept"),
            Standing.KEPT_LATE: _("kept, a little later"),
            Standing.OPEN: _("open"),
            Standing.STILL_OPEN: _("still open"),
        }[self.standing]

    @property
    def changes(self) -> list[str]:
        """What it said before amendments changed it: “4 hours until 12 November”."""
        found = []
        for term, following in zip(self.row.terms, self.row.terms[1:], strict=False):
            how = amount_words(term.target, term.unit) if term.target else term.fact
            by = date_format(term.by, "j F") if term.by else ""
            words = {"how": how, "by": by, "day": date_format(following.since, "j F")}
            if how and by:
                found.append(_("Until %(day)s it said: %(how)s, by %(by)s.") % words)
            elif how or term.what != following.what:
                found.append(_("Until %(day)s it said: %(how)s.") % {**words, "how": how or term.what})
        return found

    @property
    def earlier(self) -> str:
        """What was given in a unit that an amendment has changed since."""
        return ", ".join(amount_words(amount, unit) for unit, amount in self.row.earlier().items())

    @property
    def may_say(self) -> bool:
        return self.pair.contract.is_in_force and self.row.out_on is None

    @property
    def is_worth_showing(self) -> bool:
        """Whether it still says something: it is promised, or help was given on it."""
        return self.row.out_on is None or bool(self.lines)


@dataclass(frozen=True)
class Side:
    """All that one of the two gives, as the other or they themselves read it."""

    is_mine: bool
    name: str
    promises: list[Promise]
    earlier: list[Promise]
    sums: list[str]


@dataclass(frozen=True)
class Books:
    """The ledger of a pair, as one of the two reads it. `waiting` is what waits for their own yes."""

    ledger: Ledger
    sides: list[Side]
    waiting: list[Line]
    today: dt.date
    question: Question | None = None

    @property
    def promises(self) -> list[Promise]:
        return [each for side in self.sides for each in side.promises]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever promised."""
        return not any(side.promises or side.earlier for side in self.sides)


def has_open(pair: Pair) -> bool:
    """Whether something that either promised is still to be given. Two queries."""
    rows = books.of(pair.contract).rows
    return any(row.standing(_today(pair)).is_open for row in rows if not row.is_past(_today(pair)))


def _today(pair: Pair) -> dt.date:
    """The present day on the clock that the two have agreed on."""
    return pair.now.astimezone(clock_of(pair.meetings.rhythm.zone)).date()


def books_of(pair: Pair) -> Books:
    """Return the ledger of a pair. Two queries; three while the contract is in force."""
    found = books.of(pair.contract)
    today, may_answer = _today(pair), not helping.why_not_answer(pair.contract, pair.now)
    sides = []
    for side in (pair.side, pair.side.other):
        rows = found.given_by(side)
        promises = [Promise(pair, row, today, may_answer=may_answer) for row in rows]
        shown = [each for each in promises if each.is_worth_showing]
        sides.append(
            Side(
                is_mine=side is pair.side,
                name=_("You") if side is pair.side else pair.name,
                promises=[each for each in shown if not each.row.is_past(today)],
                earlier=[each for each in shown if each.row.is_past(today)],
                sums=sum_words(rows),
            )
        )
    of_other = sides[1].promises + sides[1].earlier
    lines = [line for promise in of_other for line in promise.lines]
    waiting = [line for line in lines if line.may_confirm and line.help.state == SAID]
    return Books(found, sides, waiting, today, _question(pair, found))


def sum_words(rows: list[Row]) -> list[str]:
    """Return what was confirmed on these, in words: “3.5 hours”, “2 promises kept”."""
    found = []
    for unit, amount in sums(rows):
        if unit:
            found.append(amount_words(amount, unit))
        else:
            number = int(amount)
            found.append(ngettext("one promise kept", "%(n)d promises kept", number) % {"n": number})
    return found


def _question(pair: Pair, ledger: Ledger) -> Question | None:
    """Return what both are asked after some lopsided weeks, unless it is fine for who looks. One query."""
    if not pair.contract.is_in_force:
        return None
    assert pair.contract.in_force_at is not None
    begun_on = pair.contract.in_force_at.astimezone(clock_of(pair.meetings.rhythm.zone)).date()
    weeks = balance.weeks_of(pair.meetings.all(), begun_on=begun_on, now=pair.now)
    if len(weeks) < balance.ASKED_AFTER:
        return None
    fine = FineAsItIs.objects.filter(contract=pair.contract, member=pair.viewer).order_by("-upto")
    return balance.question(weeks, ledger, fine_upto=fine.values_list("upto", flat=True).first())


def question_words(pair: Pair, question: Question) -> str:
    """Say it to both in the same words; who gave stands nowhere in it."""
    if pair.meetings.rhythm.every_weeks == 2:
        return _("Around your last meetings the help has gone mostly one way.")
    if question.weeks == balance.ASKED_AFTER:
        return _("For three weeks the help has gone mostly one way.")
    return _("For some weeks the help has gone mostly one way.")


def frame(pair: Pair, found: Books) -> dict[str, Any]:
    """What the page of the help and the page of the weeks both show."""
    return {
        "books": found,
        "question": question_words(pair, found.question) if found.question else "",
        "question_upto": found.question.upto if found.question else None,
    }
