"""The meetings of contracts: derived from what was signed, and from the rows of those that were changed.

A version's rhythm gives the meetings from the instant at which it came into force until the next one does, or the
contract ends. So what an amendment says holds from then on, and what was before it stays as it was. A version that
begins after the last day of the one before, the next stretch, lets that one run to its end.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import JSONField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from accounts.zones import clock_of
from checkins.models import Meeting, Pause
from checkins.rhythm import Moment, Rhythm, moment
from contracts.models import Contract, Event

# How far from its day a meeting can be moved.
FARTHEST = dt.timedelta(days=28)
_DAY = dt.timedelta(days=1)


class Standing(Enum):
    """What is to become of a meeting."""

    PLANNED = "planned"
    MOVED = "moved"
    CANCELLED = "cancelled"
    PAUSED = "paused"


@dataclass(frozen=True)
class Occurrence:
    """One meeting: `on` is its name (the day that the rhythm gave it), `at` when it begins, in UTC.

    `zone` is that of the clock on which `at` was said. `by_rhythm` is when it would begin if nobody had changed it.
    """

    contract_id: int
    on: dt.date
    at: dt.datetime
    zone: str
    standing: Standing
    rhythm: Rhythm
    by_rhythm: Moment
    is_shifted: bool = False
    row: Meeting | None = None
    pause: Pause | None = None

    @property
    def minutes(self) -> int:
        return self.rhythm.minutes

    @property
    def ends_at(self) -> dt.datetime:
        return self.at + dt.timedelta(minutes=self.minutes)

    @property
    def takes_place(self) -> bool:
        """Whether the two are to meet."""
        return self.standing in {Standing.PLANNED, Standing.MOVED}

    @property
    def sequence(self) -> int:
        """How often it was changed."""
        return self.row.sequence if self.row else 0

    @property
    def held(self) -> str:
        return self.row.held if self.row else ""

    @property
    def note(self) -> str:
        if self.standing is Standing.PAUSED and self.pause:
            return self.pause.note
        return self.row.note if self.row and self.standing is not Standing.PLANNED else ""

    def local(self, zone: str) -> dt.datetime:
        """Return when it begins on the wall clock of `zone`."""
        return self.at.astimezone(clock_of(zone))


@dataclass(frozen=True)
class Period:
    """A rhythm, and the instant from which it held."""

    since: dt.datetime
    version: int
    rhythm: Rhythm


@dataclass
class Series:
    """All meetings of one contract."""

    contract_id: int
    periods: list[Period]
    ended_at: dt.datetime | None = None
    rows: dict[dt.date, Meeting] = field(default_factory=dict)
    pauses: list[Pause] = field(default_factory=list)
    lifted: list[Pause] = field(default_factory=list)

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm in force."""
        return self.periods[-1].rhythm

    @property
    def version(self) -> int:
        return self.periods[-1].version

    @property
    def changes(self) -> int:
        """How often anything about the meetings was changed since both signed first; it never goes down."""
        of_pauses = len(self.pauses) + 2 * len(self.lifted)
        return len(self.periods) - 1 + of_pauses + sum(row.sequence for row in self.rows.values())

    @property
    def changed_at(self) -> dt.datetime:
        """When anything about the meetings was changed last."""
        changed = [row.changed_at for row in self.rows.values()]
        said = [at for pause in [*self.pauses, *self.lifted] for at in (pause.said_at, pause.lifted_at)]
        return max([self.periods[-1].since, *filter(None, [*changed, *said])])

    def all(self) -> list[Occurrence]:
        """Return every meeting from the first to the last, in the order in which they begin."""
        return self._between(dt.date.min + FARTHEST, dt.date.max - FARTHEST)

    def between(self, since: dt.datetime, until: dt.datetime) -> list[Occurrence]:
        """Return those that begin at `since` or later, and before `until`."""
        found = self._between((since - FARTHEST).date() - _DAY, (until + FARTHEST).date() + _DAY)
        return [one for one in found if since <= one.at < until]

    def find(self, on: dt.date) -> Occurrence | None:
        """Return the meeting of that name."""
        return next((one for one in self._between(on, on) if one.on == on), None)

    def _between(self, since: dt.date, until: dt.date) -> list[Occurrence]:
        found: dict[dt.date, Occurrence] = {}
        for number, period in enumerate(self.periods):
            last = self._until(number)
            for on in period.rhythm.days(since, until):
                if on not in found:
                    one = self._occurrence(on, period.rhythm, period.rhythm.moment(on))
                    if self._is_of(one, period.since, last):
                        found[on] = one
        return sorted(found.values(), key=lambda one: (one.at, one.on))

    def _until(self, number: int) -> dt.datetime | None:
        """Return the instant until which the meetings of a period hold: the next version's, or the contract's end.

        The next stretch may be signed before this one is over: one whose first meeting comes after the last day of this
        takes none of its meetings away.
        """
        ends_on = self.periods[number].rhythm.ends_on
        after = (each.since for each in self.periods[number + 1 :] if each.rhythm.first_on <= ends_on)
        return next(after, self.ended_at)

    def was_planned(self, on: dt.date) -> bool:
        """Whether a day was one of meetings by any version that was in force, also if it is not any more."""
        return any(on in period.rhythm.days(on, on) for period in self.periods)

    def _is_of(self, one: Occurrence, since: dt.datetime, last: dt.datetime | None) -> bool:
        """Whether a meeting is of the period from `since` until `last`.

        One that was moved to before the next version, or the end, has taken place by then. One that was moved to after
        the end never will.
        """
        if self.ended_at is not None and one.at >= self.ended_at:
            return False
        begins = {one.by_rhythm.at} | ({one.at} if one.standing is Standing.MOVED else set())
        return any(since <= at and (last is None or at < last) for at in begins)

    def _occurrence(self, on: dt.date, rhythm: Rhythm, by_rhythm: Moment) -> Occurrence:
        row = self.rows.get(on)
        begins, zone, standing = by_rhythm, rhythm.zone, Standing.PLANNED
        if row and row.state == Meeting.State.MOVED:
            assert row.moved_on
            assert row.moved_time
            begins, zone, standing = (
                moment(row.moved_on, row.moved_time, row.moved_zone),
                row.moved_zone,
                Standing.MOVED,
            )
        elif row and row.state == Meeting.State.CANCELLED:
            standing = Standing.CANCELLED
        pause = self._pause(begins.at, rhythm, on, row) if standing is not Standing.CANCELLED else None
        if pause:
            standing = Standing.PAUSED
        return Occurrence(
            contract_id=self.contract_id,
            on=on,
            at=begins.at,
            zone=zone,
            standing=standing,
            rhythm=rhythm,
            by_rhythm=by_rhythm,
            is_shifted=begins.is_shifted,
            row=row,
            pause=pause,
        )

    def _pause(self, at: dt.datetime, rhythm: Rhythm, on: dt.date, row: Meeting | None) -> Pause | None:
        """Return the pause in which a meeting that begins at `at` lies.

        A pause holds from when it is said until it is lifted: what was before stays as it was. Who moves a meeting in
        a pause that stands means it to take place; one that was moved before is in a pause by the day on which it is.
        """
        if row and row.held == Meeting.Held.YES:
            return None
        is_moved = row is not None and row.state == Meeting.State.MOVED
        day = at.astimezone(clock_of(rhythm.zone)).date() if is_moved else on
        moved_at = row.changed_at if is_moved and row else None
        for pause in (*self.pauses, *self.lifted):
            holds = pause.said_at <= at and (pause.lifted_at is None or at < pause.lifted_at)
            is_meant = moved_at is not None and moved_at > pause.said_at
            if holds and not is_meant and pause.from_on <= day <= pause.until_on:
                return pause
        return None


def read(contracts: Iterable[Contract]) -> dict[int, Series]:
    """Return the meetings of contracts that are or were in force, by contract. Three queries, however many they are."""
    ended = {contract.pk: contract.ended_at for contract in contracts}
    found: dict[int, Series] = {}
    for contract_id, period in _periods(ended):
        series = found.setdefault(contract_id, Series(contract_id, [], ended[contract_id]))
        series.periods.append(period)
    for row in Meeting.objects.filter(contract__in=found):
        found[row.contract_id].rows[row.on] = row
    for pause in Pause.objects.filter(contract__in=found):
        of_contract = found[pause.contract_id]
        (of_contract.lifted if pause.lifted_at else of_contract.pauses).append(pause)
    return found


def of(contract: Contract) -> Series | None:
    """Return the meetings of a contract, or None if it never was in force."""
    return read([contract]).get(contract.pk)


def _periods(contracts: Iterable[int]) -> Iterator[tuple[int, Period]]:
    in_force = Event.objects.filter(contract__in=contracts, kind=Event.Kind.IN_FORCE)
    signed = in_force.annotate(rhythm=KeyTransform("rhythm", Cast("version__text", JSONField())))
    for contract_id, since, version, rhythm in signed.order_by("contract", "number").values_list(
        "contract", "at", "version", "rhythm"
    ):
        yield contract_id, Period(since, version, Rhythm.signed(rhythm))
