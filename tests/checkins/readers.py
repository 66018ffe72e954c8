"""What two calendars that are not ours make of a file: each has its own parser, recurrence and time zones.

The one is icalendar with recurring-ical-events, which know zones by their names; the other is vobject with dateutil,
which believe the VTIMEZONE in the file.
"""

import datetime as dt
import io
import re

import recurring_ical_events
import vobject
from dateutil import tz
from icalendar import Calendar
from vobject import icalendar as vobject_icalendar

Event = tuple[dt.datetime, int]
"""When it begins, in UTC, and how many minutes it lasts."""


def by_names(file: bytes) -> list[Event]:
    found = recurring_ical_events.of(Calendar.from_ical(file)).all()
    return sorted((_utc(event.start), _minutes(event.duration)) for event in found)


def by_definitions(file: bytes) -> list[Event]:
    # By itself vobject keeps the zones that it has read in other files, and takes some from elsewhere.
    for definition in re.findall(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r\n", file.decode(), flags=re.DOTALL):
        zones = tz.tzical(io.StringIO(definition))
        vobject_icalendar.registerTzid(zones.keys()[0], zones.get())
    calendar = vobject.readOne(file.decode())
    events = list(calendar.contents.get("vevent", []))
    instead = {
        (event.uid.value, _wall(event.recurrence_id.value)) for event in events if "recurrence-id" in event.contents
    }
    found = []
    for event in events:
        minutes, uid = _minutes(event.duration.value), event.uid.value
        if "rrule" in event.contents:
            begins = [at for at in event.rruleset if (uid, _wall(at)) not in instead]
        else:
            begins = [event.dtstart.value]
        found += [(_utc(at), minutes) for at in begins]
    return sorted(found)


def _utc(at: dt.datetime) -> dt.datetime:
    assert at.tzinfo is not None
    return at.astimezone(dt.UTC)


def _wall(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=None)


def _minutes(duration: dt.timedelta) -> int:
    return int(duration.total_seconds()) // 60
