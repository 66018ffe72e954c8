"""How the notices stand, for those who watch: whether what is due goes out, and what did not."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from accounts.models import Notice

# One statement, for a connection of Django's and for one that is not.
STANDING = """
SELECT
    (SELECT floor(extract(epoch FROM peermentor_now() - min(next_attempt_at)))::int FROM accounts_notice
      WHERE state = 'pending' AND leader_id IS NULL AND next_attempt_at <= peermentor_now()),
    (SELECT count(*) FROM accounts_notice WHERE state = 'sending' AND lease_until < peermentor_now()),
    (SELECT count(*) FROM accounts_notice WHERE state = 'failed')
"""


@dataclass(frozen=True)
class Standing:
    """The age in seconds of the oldest mail that is due and has not been taken (None: there is none), how many leases
    have run out and were not taken over, and how many mails failed."""

    oldest_due_seconds: int | None
    stale_leases: int
    failed: int


def standing() -> Standing:
    """Return how the notices stand now. One query."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return Standing(*cursor.fetchone())


def counts() -> list[tuple[str, int]]:
    """Return how many notices are in each state, by its title; all states."""
    found = dict(Notice.objects.values_list("state").annotate(Count("pk")).order_by())
    return [(str(state.label), found.get(state.value, 0)) for state in Notice.State]
