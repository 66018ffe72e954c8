"""The addresses in mails that stop them: whoever has the mail may stop its sort, logged in or not.

A token names a member and sorts, signed; it holds no address and does not grow old, since mails are found again after
years.
"""

from collections.abc import Iterable

from django.core import signing

from accounts.models.mail import Sort

# Among the sorts of a token: whatever comes once a week when it is used.
WEEKLY = "weekly"

_stop = signing.Signer(salt="accounts.stopping.stop")
_undo = signing.Signer(salt="accounts.stopping.undo")


class NoToken(Exception):
    """This text is no token of ours, or not whole."""


def token_for(member_id: int, sorts: Iterable[str]) -> str:
    """Return the token that stops these sorts."""
    return _stop.sign(f"{member_id}.{'.'.join(sorted(set(sorts)))}")


def read(token: str) -> tuple[int, frozenset[str]]:
    """Return the member's id and the sorts that a token stops. Raises NoToken."""
    member, *sorts = _unsigned(_stop, token).split(".")
    return int(member), frozenset(sorts) & {*Sort.values, WEEKLY}


def undo_token_for(member_id: int, before: dict[str, str]) -> str:
    """Return the token that puts the choices back to what they were `before`, by sort."""
    return _undo.sign(".".join([str(member_id), *(f"{sort}-{choice}" for sort, choice in sorted(before.items()))]))


def read_undo(token: str) -> tuple[int, dict[str, str]]:
    """Return the member's id and the choices to put back. Raises NoToken."""
    member, *before = _unsigned(_undo, token).split(".")
    return int(member), dict(pair.split("-") for pair in before)


def _unsigned(signer: signing.Signer, token: str) -> str:
    try:
        return signer.unsign(token)
    except signing.BadSignature as error:
        raise NoToken from error
