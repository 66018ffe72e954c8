"""The one clock: the database's, moved by CLOCK_OFFSET when somebody tries things out."""

import datetime as dt

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Func


class Now(Func):
    """The same clock as an SQL expression (timestamptz), for defaults and conditions that the database evaluates."""

    template = "(clock_timestamp() + make_interval(secs => %(offset)s))"
    output_field = DateTimeField()

    def as_sql(self, compiler, db_connection, **extra):
        return super().as_sql(compiler, db_connection, offset=_offset_seconds(), **extra)


def now() -> dt.datetime:
    """Return the current instant, in UTC, as the database knows it. One small query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() + make_interval(secs => %s)", [_offset_seconds()])
        return cursor.fetchone()[0].astimezone(dt.UTC)


def _offset_seconds() -> float:
    return settings.CLOCK_OFFSET.total_seconds()
