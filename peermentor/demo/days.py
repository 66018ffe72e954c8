"""The days on which the members of the demo community did what they did."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.clock import Now
from accounts.models import Notice

DOMAIN = "@demo.example"


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    """Turn the clock of this connection back, inside a transaction: what is written then was written on that day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(nullif(current_setting('peermentor.clock_offset', true), ''), '0')")
        [offset] = cursor.fetchone() or ["0"]
        _turn_clock(float(offset) - dt.timedelta(days=days).total_seconds())
        try:
            yield
        finally:
            if not connection.needs_rollback:
                _turn_clock(float(offset))


def _turn_clock(offset: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('peermentor.clock_offset', %s, true)", [str(offset)])


def let_bygones_be() -> None:
    """End the notices of days gone by that are of no use any more, and let the others be due now, not since then.

    In the transaction that wrote them: nobody who watches the mails is to hear that one has waited for months.
    """
    past = Notice.objects.filter(state=Notice.State.PENDING, member__email__endswith=DOMAIN, next_attempt_at__lt=Now())
    past.filter(expires_at__lte=Now()).update(state=Notice.State.EXPIRED, context={}, leader=None)
    past.filter(attempts=0).update(next_attempt_at=Now())
