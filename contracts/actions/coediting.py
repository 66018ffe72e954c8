"""What comes over a socket: an update is appended to the draft, and a signature that stood on the text is void.

This is asked for at each key that is pressed: while nobody has signed, one statement does it, and looks again whether
the one who typed is still logged in and still a party.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db import connection, transaction

from accounts.models import Block, User
from accounts.rules import Refused
from contracts import draft, ydoc
from contracts.actions import drafting, ending
from contracts.actions.holding import agree, hold
from contracts.lifecycle import EDITED, ENDED, HALF_SIGNED, Move, Side, State
from contracts.models import Contract

LONGEST_UPDATE = 256 * 1024
MOST_BYTES = 16 * 1024 * 1024
"""How large the log of one contract may grow: some hundred thousand keystrokes."""


class Code(IntEnum):
    """Why a socket is closed. Who is closed out with 44xx need not come again as they are; others may."""

    MALFORMED = 4400
    LOGGED_OUT = 4401
    NOT_A_PARTY = 4403
    ENDED = 4410
    TOO_LARGE = 4413
    TOO_MUCH = 4429


class Closed(Exception):
    """The socket is to be closed; nothing was written."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


@dataclass(frozen=True)
class Writer:
    """Who has a draft open, as they logged in."""

    contract_id: int
    member_id: int
    password: str
    session_key: str
    side: Side
    name: str


@dataclass(frozen=True)
class Appended:
    """The number of an update. `moved`: it voided a signature, or began an amendment."""

    number: int
    moved: bool = False


# What both statements ask about the one who typed. The database's own clock: a session's is not moved by tests.
_WELCOME = """
    c.id = %(contract)s AND CASE %(side)s WHEN 'first' THEN c.first_id ELSE c.second_id END = %(member)s
    AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = %(member)s AND u.is_active AND u.password = %(password)s)
    AND EXISTS (SELECT 1 FROM django_session s WHERE s.session_key = %(session)s AND s.expire_date > now())
    AND NOT EXISTS (
        SELECT 1 FROM accounts_block b
        WHERE (b.blocker_id = c.first_id AND b.blocked_id = c.second_id)
            OR (b.blocker_id = c.second_id AND b.blocked_id = c.first_id)
    )
"""
_APPEND = f"""
    WITH changed AS (
        UPDATE contracts_contract c SET head = c.head + 1
        WHERE {_WELCOME} AND c.state = ANY(%(edited)s)
        RETURNING c.id, c.head
    )
    INSERT INTO contracts_draftupdate (contract_id, number, by, data, at)
    SELECT id, head, %(side)s, %(data)s, peermentor_now() FROM changed
    RETURNING number
"""  # noqa: S608 - both are ours
_LOOK = f"SELECT c.head, c.state FROM contracts_contract c WHERE {_WELCOME}"  # noqa: S608


def welcome(*, by: User, contract_id: int, session_key: str) -> Writer:
    """Return who it is that opens the draft. Raises Closed for who is no party, and when the contract has ended."""
    contract = Contract.objects.visible_to(by).filter(pk=contract_id).first()
    if contract is None:
        raise Closed(Code.NOT_A_PARTY)
    side = contract.side_of(by)
    writer = Writer(contract.pk, by.pk, by.password, session_key, side, contract.called(side))
    look(writer)
    return writer


def look(writer: Writer) -> int:
    """Return the number of the draft's last change. Raises Closed when who typed has no business here any more."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, _of(writer))
        row = cursor.fetchone()
    if row is None:
        raise Closed(_why_not(writer))
    head, state = row
    if state in ENDED:
        raise Closed(Code.ENDED)
    return int(head)


def append(writer: Writer, data: bytes) -> Appended | None:
    """Append an update, as it was sent. When this returns it is on the disk.

    None when a signature stands on the text and the update says nothing new: it takes no signature away. Raises
    Closed when it may not be; what is no update is MALFORMED.
    """
    if len(data) > LONGEST_UPDATE:
        raise Closed(Code.TOO_LARGE)
    if not ydoc.is_update(data):
        raise Closed(Code.MALFORMED)
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, {**_of(writer), "edited": sorted(EDITED), "data": data})
        row = cursor.fetchone()
    return Appended(int(row[0])) if row else _append_to_what_was_signed(writer, data)


def append_if_new(writer: Writer, data: bytes) -> Appended | None:
    """Append what a client says that it knows when it comes; None when the draft has all of it.

    A greeting repeats everything that was ever deleted, and would void a signature each time somebody comes back.
    """
    if data == ydoc.EMPTY:
        return None
    if len(data) > LONGEST_UPDATE:
        raise Closed(Code.TOO_LARGE)
    if not ydoc.is_update(data):
        raise Closed(Code.MALFORMED)
    if not ydoc.says_something_new(ydoc.doc_of(draft.whole(writer.contract_id)[0]), data):
        return None
    return append(writer, data)


def tell(writer: Writer) -> None:
    """The other hears by mail that the draft has changed, a while after the first change that they have not seen."""
    contract = Contract.objects.filter(pk=writer.contract_id).first()
    if contract is not None:
        with transaction.atomic():
            drafting.tell_of_edits(contract, to=writer.side.other)


def is_too_much(writer: Writer) -> bool:
    """Whether the log of the contract has grown beyond what any contract needs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(octet_length(data)), 0) FROM contracts_draftupdate WHERE contract_id = %s",
            [writer.contract_id],
        )
        return bool(cursor.fetchone()[0] > MOST_BYTES)


def _append_to_what_was_signed(writer: Writer, data: bytes) -> Appended | None:
    """Void a signature of one party, or begin an amendment of what both have signed: the text is a draft again."""
    by = User.objects.filter(pk=writer.member_id).first()
    if by is None:
        raise Closed(Code.LOGGED_OUT)
    with transaction.atomic():
        try:
            contract, side = hold(by=by, contract_id=writer.contract_id)
            look(writer)
            moved = contract.state not in EDITED
            if moved and not ydoc.says_something_new(ydoc.doc_of(draft.whole(contract.pk)[0]), data):
                return None
            if contract.state in HALF_SIGNED:
                drafting.void_signature(contract, agree(contract, Move.EDIT, side), by=side)
            elif contract.state == State.IN_FORCE:
                ending.begin_amendment(contract, side, how="late")
            return Appended(draft.append(contract, data, by=side), moved)
        except Contract.DoesNotExist:
            raise Closed(Code.NOT_A_PARTY) from None
        except Refused:
            raise Closed(Code.ENDED if contract_has_ended(writer) else Code.TOO_MUCH) from None


def contract_has_ended(writer: Writer) -> bool:
    return not Contract.objects.open().filter(pk=writer.contract_id).exists()


def _why_not(writer: Writer) -> Code:
    pair = Contract.objects.filter(pk=writer.contract_id).values_list("first_id", "second_id").first()
    if pair is None or writer.member_id not in pair:
        return Code.NOT_A_PARTY
    if Block.objects.filter(blocker__in=pair, blocked__in=pair).exists():
        return Code.ENDED
    return Code.LOGGED_OUT


def _of(writer: Writer) -> dict[str, Any]:
    return {
        "contract": writer.contract_id,
        "member": writer.member_id,
        "password": writer.password,
        "session": writer.session_key,
        "side": writer.side.value,
    }
