"""The link of a card: whoever has it sees the card.

A link is the card's seed, 128 random bits that are kept, and 128 bits of a signature of it that are not: its owner can
be shown the link again, and who reads the table cannot make it (docs/decisions/0017).
"""

import base64
import re
import secrets

from django.utils.crypto import constant_time_compare, salted_hmac

_SALT = "matching.links"
_BYTES = 16
_LETTERS = 22
_TOKEN = re.compile(rf"[A-Za-z0-9_-]{{{2 * _LETTERS}}}", re.ASCII)


def new_seed() -> str:
    """Return 128 random bits as text for an address."""
    return secrets.token_urlsafe(_BYTES)


def token_of(seed: str) -> str:
    """Return what stands in the link of the card with this seed."""
    signature = salted_hmac(_SALT, seed, algorithm="sha256").digest()[:_BYTES]
    return seed + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def seed_of(token: str) -> str | None:
    """Return the seed of a token that we made, or None."""
    if not _TOKEN.fullmatch(token):
        return None
    seed = token[:_LETTERS]
    return seed if constant_time_compare(token, token_of(seed)) else None
