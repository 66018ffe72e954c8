"""What a score is multiplied by, so that nobody is shown to everybody and nobody to no one.

A member's exposure is how often they were shown lately: one for the first place of a list, 1 / log2(place + 1) for the
others, halved every week. The price falls with it, in steps of half the way, so that lists do not swing to and fro.
Who let invitations lapse lately, without a word, two or more since they last answered one, is shown less: their price
is divided by how many these are (matching.being_found).
Source: docs/decisions/0016, with the figures.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from functools import cache

import redis
from django.conf import settings
from django.db import connection, transaction

from matching.being_found import SILENT_FROM, UNANSWERED
from matching.models import Candidate, Pricing

log = logging.getLogger(__name__)

SHOWN = "peermentor:shown"
TAKEN = "peermentor:shown:taken"
HALF_LIFE_DAYS = 7
# Where members are shown more than this on average, the average counts as so much: then the price says how much more
# often than others one is shown, however busy the place is. Larger, and attention is spread at the cost of good fits.
ORDINARY = 1.0


def note_shown(member_ids: Sequence[int], *, after: int = 0) -> None:
    """Note that these were shown in this order, `after` so many others.

    Cheap, and never in the way: what cannot be noted is not counted.
    """
    try:
        with connected().pipeline(transaction=False) as pipe:
            for place, member_id in enumerate(member_ids, start=after + 1):
                pipe.hincrbyfloat(SHOWN, str(member_id), 1 / math.log2(place + 1))
            pipe.execute()
    except redis.RedisError as error:
        log.info("Who was shown could not be noted: %s", error)


@cache
def connected() -> redis.Redis:
    """Return a connection that nobody waits for long."""
    return redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=0.2, socket_connect_timeout=0.2)


def reprice() -> int:
    """Work all prices out anew from what was noted since; return how many have changed. Safe to run twice."""
    with redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=5) as client:
        # What a process took and did not finish is counted with the next.
        if not client.exists(TAKEN) and client.exists(SHOWN):
            client.rename(SHOWN, TAKEN)
        shown = {int(member): float(count) for member, count in client.hgetall(TAKEN).items()}
        changed = settle(shown)
        client.delete(TAKEN)
    return changed


def settle(shown: Mapping[int, float]) -> int:
    """Add these exposures to those of lately and set the prices; return how many have changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('matching pricing'))")
        cursor.execute(_SETTLE, {"members": list(shown), "counts": list(shown.values()), "ordinary": ORDINARY})
        changed: int = cursor.rowcount
        if changed:
            Pricing.objects.create()
            Pricing.objects.filter(pk__lt=Pricing.objects.latest("pk").pk - 10).delete()
    return changed


# An exposure is kept as it would be on the first day of 2026: so it need not be written down when time goes by.
_SETTLE = f"""
WITH age AS (
    SELECT 0.5 ^ (extract(epoch FROM peermentor_now() - '2026-01-01Z'::timestamptz) / {HALF_LIFE_DAYS * 86_400})
        AS factor
), shown AS (
    SELECT * FROM unnest(%(members)s::bigint[], %(counts)s::float8[]) AS shown (member_id, count)
), lately AS MATERIALIZED (
    SELECT candidate.member_id, candidate.exposure * age.factor + coalesce(shown.count, 0) AS exposure
    FROM age, matching_candidate AS candidate LEFT JOIN shown USING (member_id)
    WHERE candidate.is_open
), silent AS (
    {UNANSWERED} GROUP BY lapsed.invited_id HAVING count(*) >= {SILENT_FROM}
), level AS (
    SELECT least(1, %(ordinary)s / nullif(avg(exposure), 0)) AS factor FROM lately
), priced AS (
    SELECT candidate.member_id, candidate.exposure + coalesce(shown.count, 0) / age.factor AS exposure,
        greatest(1, round((
            {Candidate.FULL_PRICE} / (1 + lately.exposure * coalesce(level.factor, 1)) / coalesce(silent.invitations, 1)
            + candidate.price) / 2))::int2 AS price
    FROM age, level, lately JOIN matching_candidate AS candidate USING (member_id) LEFT JOIN shown USING (member_id)
        LEFT JOIN silent USING (member_id)
)
UPDATE matching_candidate AS candidate SET price = priced.price, exposure = priced.exposure
FROM priced
WHERE candidate.member_id = priced.member_id
    AND (candidate.price <> priced.price OR candidate.exposure <> priced.exposure)
"""  # noqa: S608 - constants of ours
