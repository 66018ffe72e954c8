"""The order in which a member was shown others, kept for some minutes: its pages do not shift while prices move.

Where Redis is away, or the order has thawed, a page is of the order of that moment.
"""

import json
import logging
import re
import secrets
from collections.abc import Sequence

import redis

from accounts.models import User
from matching.pricing import connected
from matching.ranking import Wishes

log = logging.getLogger(__name__)

KEPT = "peermentor:order:{member}:{token}"
KEPT_FOR = 300  # seconds
TOKEN = re.compile(r"[A-Za-z0-9_-]{8}")


def freeze(member: User, wishes: Wishes, ids: Sequence[int]) -> str:
    """Keep the order for the member; return its token, or "" where it could not be kept."""
    token = secrets.token_urlsafe(6)
    try:
        connected().set(_key(member, token), json.dumps([repr(wishes), list(ids)]), ex=KEPT_FOR)
    except redis.RedisError as error:
        log.info("An order could not be kept: %s", error)
        return ""
    return token


def order_of(member: User, wishes: Wishes, token: str) -> list[int] | None:
    """Return the order that the member was shown for these wishes, or None when it is not kept any more."""
    if not TOKEN.fullmatch(token):
        return None
    try:
        kept = connected().get(_key(member, token))
    except redis.RedisError as error:
        log.info("An order could not be read: %s", error)
        return None
    asked, ids = json.loads(kept) if isinstance(kept, bytes | str) else ("", [])
    return list(ids) if asked == repr(wishes) else None


def _key(member: User, token: str) -> str:
    return KEPT.format(member=member.pk, token=token)
