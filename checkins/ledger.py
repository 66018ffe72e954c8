"""The ledger of help: what each promised the other, what was given and got of it, and how each promise stands.

Each commitment is a row of its own, in its own unit, for each direction. Rows belong to a stretch: an amendment changes
the row (its amount, its day) or takes it out, and what was given before still counts; the next stretch begins its rows
anew. Only what the receiver has confirmed counts. Pure: no database.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from accounts import text
from contracts.coverage import last_day
from contracts.lifecycle import Side

SAID, CONFIRMED, NOT_YET = "said", "confirmed", "not_yet"
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,3})?", re.ASCII)


class Given(Protocol):
    """Help as the ledger reads it: a row of `checkins.Help`."""

    key: str
    version: int
    giver: str
    on: dt.date
    state: str
    amount: Decimal | None
    confirmed: Decimal | None


class Standing(Enum):
    """How a promise stands. A day that has passed is no fault: what is still open can still be given."""

    KEPT = "kept"
    KEPT_LATE = "kept, after its day"
    OPEN = "open"
    STILL_OPEN = "open, and its day has passed"
    TAKEN_OUT = "taken out by an amendment"

    @property
    def is_open(self) -> bool:
        return self in {Standing.OPEN, Standing.STILL_OPEN}

    @property
    def is_kept(self) -> bool:
        return self in {Standing.KEPT, Standing.KEPT_LATE}


@dataclass(frozen=True)
class Text:
    """A version that came into force, and the day on which it did, on the clock of the contract."""

    version: int
    since: dt.date
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Term:
    """What a version says of one commitment."""

    version: int
    since: dt.date
    giver: Side
    what: str
    measure: str
    amount: Decimal | None
    unit: str
    fact: str
    by: dt.date | None

    @property
    def is_counted(self) -> bool:
        """Whether help on it is so and so much of a unit; else it is a fact that is so or is not."""
        return self.measure == "amount" and bool(self.unit.strip())

    @property
    def target(self) -> Decimal | None:
        """How much is agreed; None where no amount is, so that any help keeps it."""
        return self.amount if self.is_counted and self.amount is not None and self.amount > 0 else None

    def is_measured_like(self, other: "Term") -> bool:
        """Whether what was given under the one counts for the other as well: the same unit, or the same fact."""
        if self.is_counted != other.is_counted:
            return False
        return text.key(self.unit if self.is_counted else self.fact) == text.key(
            other.unit if self.is_counted else other.fact
        )


@dataclass(frozen=True)
class Row:
    """One commitment of one stretch, with the help on it, in the order of the days.

    `terms` are what the versions of the stretch said of it, oldest first, without those that said the same; `version`
    is the last that holds it. `out_on` is when an amendment took it out, `over_on` when the next stretch began.
    """

    key: str
    giver: Side
    terms: tuple[Term, ...]
    version: int
    given: tuple[Any, ...] = ()
    out_on: dt.date | None = None
    over_on: dt.date | None = None

    @property
    def term(self) -> Term:
        return self.terms[-1]

    @property
    def receiver(self) -> Side:
        return self.giver.other

    def is_past(self, today: dt.date) -> bool:
        """Whether it is of a stretch that has given way to the next."""
        return self.over_on is not None and self.over_on <= today

    @property
    def waiting(self) -> list[Any]:
        """What was said and not answered yet."""
        return [each for each in self.given if each.state == SAID]

    def confirmed(self, until: dt.date | None = None) -> Decimal:
        """Return how much was confirmed, in the unit of the commitment as it is now."""
        return sum((each.confirmed for each in self._counting(self.term, until) if each.confirmed), Decimal(0))

    def said(self) -> Decimal:
        """Return how much of that unit waits for an answer."""
        return sum((each.amount for each in self.waiting if each.amount and self._is_like(each, self.term)), Decimal(0))

    def left(self) -> Decimal | None:
        """Return how much is still to be said; None where no amount is agreed."""
        target = self.term.target
        return None if target is None else max(target - self.confirmed() - self.said(), Decimal(0))

    def over(self) -> Decimal:
        """Return how much more was confirmed than agreed."""
        target = self.term.target
        return Decimal(0) if target is None else max(self.confirmed() - target, Decimal(0))

    def kept_on(self) -> dt.date | None:
        """Return the day of the help that made it whole."""
        return self._kept_on(self.term)

    def standing(self, today: dt.date) -> Standing:
        if kept_on := self.kept_on():
            return Standing.KEPT_LATE if self.term.by and kept_on > self.term.by else Standing.KEPT
        if self.out_on is not None:
            return Standing.TAKEN_OUT
        return Standing.STILL_OPEN if self.term.by and self.term.by < today else Standing.OPEN

    def is_open_on(self, day: dt.date) -> bool:
        """Whether it was agreed on that day, and not yet kept by the help that was given until then."""
        if any(end is not None and end <= day for end in (self.out_on, self.over_on)):
            return False
        terms = [term for term in self.terms if term.since <= day]
        return bool(terms) and self._kept_on(terms[-1], day) is None

    def earlier(self) -> dict[str, Decimal]:
        """Return what was confirmed in units that an amendment has changed since: unit to amount."""
        found: dict[str, Decimal] = {}
        for each in self.given:
            term = self._term_of(each)
            if each.state == CONFIRMED and each.confirmed and not term.is_measured_like(self.term):
                found[term.unit] = found.get(term.unit, Decimal(0)) + each.confirmed
        return found

    def term_of(self, each: Given) -> Term:
        """Return what the commitment said when help on it was said."""
        return self._term_of(each)

    def _kept_on(self, term: Term, until: dt.date | None = None) -> dt.date | None:
        so_far = Decimal(0)
        for each in self._counting(term, until):
            so_far += each.confirmed or 0
            if term.target is None or so_far >= term.target:
                day: dt.date = each.on
                return day
        return None

    def _counting(self, term: Term, until: dt.date | None) -> Iterator[Any]:
        for each in self.given:
            if each.state == CONFIRMED and self._is_like(each, term) and (until is None or each.on <= until):
                yield each

    def _is_like(self, each: Given, term: Term) -> bool:
        return self._term_of(each).is_measured_like(term)

    def _term_of(self, each: Given) -> Term:
        before = [term for term in self.terms if term.version <= each.version]
        return before[-1] if before else self.terms[0]


@dataclass(frozen=True)
class Ledger:
    """All rows of a contract: those of the newest stretch first, in the order of the text."""

    rows: tuple[Row, ...] = field(default=())

    def given_by(self, side: Side) -> list[Row]:
        return [row for row in self.rows if row.giver is side]

    def find(self, version: int, key: str) -> Row | None:
        """Return the row that this version is the last to hold."""
        return next((row for row in self.rows if (row.version, row.key) == (version, key)), None)

    def row_of(self, help_id: int) -> Row | None:
        """Return the row on which this help is."""
        return next((row for row in self.rows for each in row.given if each.pk == help_id), None)


def ledger(texts: Sequence[Text], helped: Iterable[Given]) -> Ledger:
    """Return the ledger of the versions that came into force, oldest first, and of all help that was ever said."""
    stretches = list(_stretches(texts))
    given = sorted((each for each in helped if each.state != "taken_back"), key=lambda each: each.on)
    rows: list[Row] = []
    for number, stretch in enumerate(stretches):
        following = stretches[number + 1][0] if number + 1 < len(stretches) else None
        over_on = max(_first_on(following), following.since) if following else None
        rows = [*_rows(stretch, given, over_on), *rows]
    return Ledger(tuple(rows))


def sums(rows: Iterable[Row]) -> list[tuple[str, Decimal]]:
    """Return what was confirmed on these, in each agreed unit: (unit, amount), the unit of the first as it is written.

    What is measured by a fact has the unit "" and counts the promises that were kept.
    """
    names: dict[str, str] = {}
    found: dict[str, Decimal] = {}
    for row in rows:
        amounts = dict(row.earlier())
        if row.term.is_counted and row.confirmed():
            amounts[row.term.unit] = amounts.get(row.term.unit, Decimal(0)) + row.confirmed()
        elif not row.term.is_counted and row.kept_on():
            amounts[""] = Decimal(1)
        for unit, amount in amounts.items():
            key = text.key(unit)
            names.setdefault(key, unit.strip())
            found[key] = found.get(key, Decimal(0)) + amount
    # Kept promises come last: they have no unit of their own.
    return [(names[key], found[key]) for key in sorted(found, key=lambda key: key == "")]


def _stretches(texts: Sequence[Text]) -> Iterator[list[Text]]:
    """Yield the versions of each stretch. One whose first meeting comes after the last day of the one before begins
    the next; any other amends the one that runs."""
    found: list[Text] = []
    for each in texts:
        if found and _first_on(each) > last_day(found[-1].document["rhythm"]):
            yield found
            found = []
        found.append(each)
    if found:
        yield found


def _rows(stretch: list[Text], given: list[Any], over_on: dt.date | None) -> Iterator[Row]:
    """Yield the rows of one stretch: those of its last version first, then those that were taken out."""
    terms: dict[tuple[str, Side], list[Term]] = {}
    last: dict[tuple[str, Side], int] = {}
    numbers = [each.version for each in stretch]
    for each in stretch:
        for commitment in each.document["commitments"]:
            term = _term(each, commitment)
            where = (commitment["id"], term.giver)
            known = terms.setdefault(where, [])
            if not known or _said(known[-1]) != _said(term):
                known.append(term)
            last[where] = each.version
    order = [(one["id"], Side(one["giver"])) for one in stretch[-1].document["commitments"]]
    for where in [*order, *(where for where in terms if where not in order)]:
        key, giver = where
        mine = tuple(one for one in given if one.key == key and one.giver == giver.value and one.version in numbers)
        after = [each.since for each in stretch if each.version > last[where]]
        yield Row(key, giver, tuple(terms[where]), last[where], mine, after[0] if after else None, over_on)


def _term(version: Text, commitment: Mapping[str, str]) -> Term:
    amount = commitment["amount"]
    return Term(
        version=version.version,
        since=version.since,
        giver=Side(commitment["giver"]),
        what=commitment["what"],
        measure=commitment["measure"],
        amount=Decimal(amount) if _NUMBER.fullmatch(amount) else None,
        unit=commitment["unit"],
        fact=commitment["fact"],
        by=dt.date.fromisoformat(commitment["by"]) if commitment["by"] else None,
    )


def _said(term: Term) -> tuple[object, ...]:
    return (term.what, term.measure, term.amount, term.unit, term.fact, term.by)


def _first_on(version: Text) -> dt.date:
    return dt.date.fromisoformat(version.document["rhythm"]["first_on"])
