"""Meetings as a calendar reads them (RFC 5545), for one of the two parties.

A contract is one recurring event, by the rhythm in force; it keeps its UID for ever. What differs from the rhythm is
said week by week, so that no calendar has to think for itself: docs/decisions/0014-calendar.md.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts import languages
from accounts.models import User
from accounts.models.profiles import Medium
from accounts.zones import clock_of
from checkins import series
from checkins.rhythm import Rhythm
from checkins.series import Occurrence, Series
from checkins.vtimezones import vtimezone
from contracts.lifecycle import HOLDING
from contracts.models import Contract

# A meeting stays in a calendar for so long after the rhythm that gave it, or its contract, is over.
KEPT = dt.timedelta(days=90)
# How often a calendar may look for something new.
LOOKS = dt.timedelta(hours=1)


def feed(member: User, now: dt.datetime) -> bytes:
    """Return all meetings of a member, in their language. Four queries, however many contracts they have."""
    contracts = list(_contracts(member, now))
    return _written(member, contracts, now, name=_("Peermentor"))


def file(member: User, contract: Contract, now: dt.datetime) -> bytes:
    """Return the meetings of one contract as a file to keep, or to attach to a mail. Three queries."""
    return _written(member, [contract], now, method="PUBLISH")


def _contracts(member: User, now: dt.datetime) -> QuerySet[Contract]:
    """Return those in force and those not long over. None with somebody who was blocked, or has left."""
    mine = Contract.objects.of(member)
    return (
        mine.filter(Q(state__in=sorted(HOLDING)) | Q(version_in_force__isnull=False, ended_at__gt=now - KEPT))
        .filter(first__isnull=False, second__isnull=False)
        .exclude(pk__in=mine.of_blocked_pairs().values("pk"))
        .select_related("first__profile", "second__profile")
        .order_by("pk")
    )


def _written(member: User, contracts: list[Contract], now: dt.datetime, *, method: str = "", name: str = "") -> bytes:
    found = series.read(contracts)
    with translation.override(languages.of_pages(member.language)):
        told = [
            _Told(contract, found[contract.pk], contract.called(contract.side_of(member).other), now - KEPT)
            for contract in contracts
            if contract.pk in found
        ]
        return _calendar(told, method=method, name=name)


def _calendar(told: list["_Told"], *, method: str, name: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Peermentor//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", LOOKS, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
    events = [event for each in told for event in each.events()]
    for zone, first_on, last_on in _zones(each.used for each in told):
        calendar.add_component(vtimezone(zone, first_on, last_on))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()


def _zones(used: Iterable[list[dt.datetime]]) -> Iterator[tuple[str, dt.date, dt.date]]:
    """Yield each zone but UTC, with the first and the last day on which it is used."""
    days: dict[str, list[dt.date]] = {}
    for local in (each for some in used for each in some):
        days.setdefault(str(local.tzinfo), []).append(local.date())
    for zone, on in sorted(days.items()):
        if zone != "UTC":
            yield zone, min(on), max(on)


@dataclass
class _Told:
    """A contract as the calendar of one party tells it. `used` are the wall-clock times that were written, by zone."""

    contract: Contract
    series: Series
    name: str
    since: dt.datetime

    def __post_init__(self) -> None:
        self.used: list[dt.datetime] = []
        self.there = {one.on: one for one in self.series.all()}

    @property
    def rhythm(self) -> Rhythm:
        return self.series.rhythm

    @cached_property
    def recurring(self) -> list[dt.date]:
        """The days of the rhythm in force, from the first to the last on which the two are to meet."""
        days = list(self.rhythm.days(dt.date.min, dt.date.max))
        kept = [number for number, on in enumerate(days) if on in self.there and self.there[on].takes_place]
        return days[kept[0] : kept[-1] + 1] if kept else []

    def events(self) -> Iterator[Event]:
        if self.recurring:
            yield self._recurrence()
        of_rhythm = set(self.recurring)
        for on, one in sorted(self.there.items()):
            if not one.takes_place:
                continue
            if on in of_rhythm:
                if not self._is_plain(one):
                    yield self._instead(one)
            elif one.ends_at > self.since:
                yield self._event(f"contract-{self.contract.pk}-{on}", self._local(one), one)

    def _recurrence(self) -> Event:
        first, last = self.recurring[0], self.recurring[-1]
        event = self._event(f"contract-{self.contract.pk}", self._by_rhythm(first))
        self._by_rhythm(last)  # the definition of the zone reaches to the end
        # The end is said as an instant (RFC 5545, 3.3.10): that of the last meeting.
        rule = {"freq": "weekly", "interval": self.rhythm.every_weeks, "until": self.rhythm.moment(last).at}
        event.add("rrule", rule)
        for on in self.recurring:
            if on not in self.there or not self.there[on].takes_place:
                event.add("exdate", self._by_rhythm(on))
        return event

    def _is_plain(self, one: Occurrence) -> bool:
        """Whether the recurrence says the same of this meeting."""
        by_rhythm = self.rhythm.moment(one.on)
        return one.at == by_rhythm.at and one.minutes == self.rhythm.minutes and not by_rhythm.is_shifted

    def _instead(self, one: Occurrence) -> Event:
        event = self._event(f"contract-{self.contract.pk}", self._local(one), one)
        event.add("recurrence-id", self._by_rhythm(one.on))
        return event

    def _by_rhythm(self, on: dt.date) -> dt.datetime:
        """Return the wall-clock time that the rhythm gives a day, whether it exists there or not."""
        local = dt.datetime.combine(on, self.rhythm.time, tzinfo=clock_of(self.rhythm.zone))
        self.used.append(local)
        return local

    def _local(self, one: Occurrence) -> dt.datetime:
        local = one.local(one.zone)
        self.used.append(local)
        return local

    def _event(self, name: str, begins: dt.datetime, one: Occurrence | None = None) -> Event:
        rhythm = one.rhythm if one else self.rhythm
        if one:
            address = reverse("meeting", args=[self.contract.pk, one.on])
        else:
            address = reverse("weeks", args=[self.contract.pk])
        url = f"{settings.SITE_URL}{address}"
        medium = str(Medium(rhythm.medium).label) if rhythm.medium in Medium.values else rhythm.medium
        changed_at = max([self.series.changed_at, *filter(None, [self.contract.ended_at])]).replace(microsecond=0)
        event = Event()
        event.add("uid", f"{name}@{settings.MAIL_DOMAIN}")
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        event.add("sequence", self.series.changes + bool(self.contract.ended_at))
        event.add("dtstart", begins)
        event.add("duration", dt.timedelta(minutes=rhythm.minutes))
        event.add("summary", _("Meeting with %(name)s") % {"name": self.name})
        event.add("description", "\n".join(filter(None, [medium, _("In Peermentor: %(url)s") % {"url": url}])))
        if rhythm.where:
            event.add("location", rhythm.where)
        event.add("url", url)
        return event
