"""When beat and worker last showed that they live: a key each in Redis, read by /readyz.

A key's remaining life tells its age, so that the clocks of different machines do not have to agree.
"""

import logging
import time

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

BEAT = "peermentor:beat"  # beat went round its loop
WORKER = "peermentor:worker"  # a worker went round its loop
WORK = "peermentor:work"  # a worker finished a task that beat had asked for

DRAIN = "peermentor:drain"  # a worker looked for notices that are due, and sent them

KEPT = 24 * 3600  # seconds; what is older is not known any more
PAUSE = 3  # seconds between two notes of the same process

_last: dict[str, float] = {}
_client: redis.Redis | None = None


def answered(key: str) -> None:
    """Note that `key` lives, now. Without Redis there is nowhere to note it, which /readyz says by itself."""
    global _client
    if time.monotonic() - _last.get(key, -PAUSE) < PAUSE:
        return
    _last[key] = time.monotonic()
    if _client is None:
        _client = redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1)
    try:
        _client.set(key, "", ex=KEPT)
    except redis.RedisError as error:
        logger.warning("No heartbeat could be noted: %s", error)
