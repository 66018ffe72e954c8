"""Time goes by."""

import datetime as dt

from django.db import connection


def advance(**time: float) -> None:
    """Let so much time go by, for this connection and until the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(nullif(current_setting('peermentor.clock_offset', true), ''), '0')")
        offset = float(cursor.fetchone()[0]) + dt.timedelta(**time).total_seconds()
        cursor.execute("SELECT set_config('peermentor.clock_offset', %s, false)", [str(int(offset))])
