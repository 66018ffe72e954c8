"""When two people meet, by what they signed: wall-clock times of a zone, and the instants that these are. Pure."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from accounts.moments import instant_of
from accounts.zones import clock_of
from contracts.coverage import last_day


@dataclass(frozen=True)
class Moment:
    """A wall-clock time of a zone as an instant.

    `at` is in UTC. `is_shifted`: that wall-clock time does not exist on that day, as the clocks go forward over it; so
    `at` is later by the gap (RFC 5545, 3.3.5). One that exists twice is the first of the two.
    """

    at: dt.datetime
    is_shifted: bool = False


@dataclass(frozen=True)
class Rhythm:
    """The rhythm of one version: from `first_on` on, every `every_weeks` weeks at `time` in `zone`, until `ends_on`.

    Both days count. `minutes` is how long a meeting lasts.
    """

    first_on: dt.date
    ends_on: dt.date
    time: dt.time
    zone: str
    minutes: int
    every_weeks: int
    medium: str = ""
    where: str = ""

    @classmethod
    def signed(cls, part: Mapping[str, str]) -> "Rhythm":
        """Return the rhythm that the part of a signed text says. Raises ValueError where something is missing."""
        return cls(
            first_on=dt.date.fromisoformat(part["first_on"]),
            ends_on=last_day(part),
            time=dt.time.fromisoformat(part["time"]),
            zone=part["zone"],
            minutes=int(part["minutes"]),
            every_weeks=int(part["every_weeks"]),
            medium=part["medium"],
            where=part["where"],
        )

    def days(self, since: dt.date, until: dt.date) -> Iterator[dt.date]:
        """Yield the days of meetings between `since` and `until`, both included."""
        last = min(until, self.ends_on)
        if since > last:
            return  # also for days at the end of all time, from which no step leads on
        step = dt.timedelta(weeks=self.every_weeks)
        day = self.first_on + max(0, -((self.first_on - since) // step)) * step
        while day <= last:
            yield day
            day += step

    def moment(self, on: dt.date) -> Moment:
        """Return when the meeting of that day begins."""
        return moment(on, self.time, self.zone)


def moment(on: dt.date, time: dt.time, zone: str) -> Moment:
    """Return the instant of a wall-clock time in a zone."""
    at = instant_of(zone, on, time)
    return Moment(at, is_shifted=at.astimezone(clock_of(zone)).replace(tzinfo=None) != dt.datetime.combine(on, time))


def evening_before(at: dt.datetime, zone: str, time: dt.time) -> dt.datetime:
    """Return the instant of `time` on the wall clock of `zone`, on the day before that on which `at` falls there."""
    return instant_of(zone, at.astimezone(clock_of(zone)).date() - dt.timedelta(days=1), time)


def morning_after(at: dt.datetime, zone: str, time: dt.time) -> dt.datetime:
    """Return the instant of `time` on the wall clock of `zone`, on the day after that on which `at` falls there."""
    return instant_of(zone, at.astimezone(clock_of(zone)).date() + dt.timedelta(days=1), time)
