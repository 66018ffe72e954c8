"""The one clock: the database's, moved by CLOCK_OFFSET when somebody tries things out.

It is a function of the database, `peermentor_now()`: the instant at which the present statement began, plus the setting
`peermentor.clock_offset` of the connection (seconds; settings.DATABASES passes it). So a default of a column, a trigger
and a line of Python all read the same clock.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection
from django.db.models import DateTimeField, Func
from django.utils import timezone


class Now(Func):
    """The clock as an SQL expression (timestamptz), for defaults and conditions that the database evaluates."""

    function = "peermentor_now"
    output_field = DateTimeField()


_standing: ContextVar[dt.datetime | None] = ContextVar("_standing", default=None)


def now() -> dt.datetime:
    """Return the current instant, in UTC. One small query."""
    if standing := _standing.get():
        return standing
    with connection.cursor() as cursor:
        cursor.execute("SELECT peermentor_now()")
        row = cursor.fetchone()
    assert row is not None
    instant: dt.datetime = row[0]
    return instant.astimezone(dt.UTC)


@contextmanager
def standing_at(instant: dt.datetime) -> Iterator[None]:
    """Let `now` be `instant`, which was read a moment ago, for what is said of one moment."""
    token = _standing.set(instant)
    try:
        yield
    finally:
        _standing.reset(token)


def local() -> dt.datetime:
    """Return the current instant on the wall clock of who is logged in: the zone that is active. One small query."""
    return timezone.localtime(now())
