"""The link in a mail that brought a card: whoever has the mail may say that none is ever sent to its address again.

A token holds the hash of the address, signed; it does not grow old.
"""

from django.core import signing

_signer = signing.Signer(salt="matching.refusal")


class NoToken(Exception):
    """This text is no token of ours, or not whole."""


def token_for(address_sha256: str) -> str:
    """Return the token that stops cards to this address."""
    return _signer.sign(address_sha256)


def read(token: str) -> str:
    """Return the hash of the address. Raises NoToken."""
    try:
        return _signer.unsign(token)
    except signing.BadSignature as error:
        raise NoToken from error
