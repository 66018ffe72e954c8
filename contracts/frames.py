"""The messages of a draft's socket, as bytes: those of y-protocols, and two of our own (docs/protocol.md).

Pure. Every length is checked: what does not add up raises Malformed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Kind(IntEnum):
    """What a frame is. COMMITTED and LOOK_AGAIN are ours; y-websocket leaves alone what it does not know."""

    SYNC = 0
    PRESENCE = 1
    AUTH = 2
    ASK_PRESENCE = 3
    COMMITTED = 100
    LOOK_AGAIN = 101


class Sync(IntEnum):
    """What a frame of the kind SYNC holds: what the sender knows, what the other lacked, or what was typed just now."""

    STATE = 0
    MISSING = 1
    UPDATE = 2


class Malformed(ValueError):
    """These bytes are no message of ours."""


@dataclass(frozen=True)
class Presence:
    """One author's presence: `state` is a JSON object, or None when they are gone; a newer `clock` takes its place."""

    client: int
    clock: int
    state: dict[str, Any] | None


@dataclass(frozen=True)
class Frame:
    """A message. `body` is the update or state vector of SYNC, or the presences of PRESENCE as they were sent."""

    kind: Kind
    sync: Sync | None = None
    body: bytes = b""


def parse(data: bytes) -> Frame:
    """Return the message that these bytes are."""
    reader = Reader(data)
    try:
        kind = Kind(reader.number())
        sync = Sync(reader.number()) if kind is Kind.SYNC else None
    except ValueError as error:
        raise Malformed(str(error)) from error
    if kind in {Kind.SYNC, Kind.PRESENCE}:
        return Frame(kind, sync, reader.chunk())
    return Frame(kind)


def sync(kind: Sync, body: bytes) -> bytes:
    return bytes([Kind.SYNC, kind]) + number(len(body)) + body


def committed(count: int) -> bytes:
    """So many frames of this socket that held an update are on the disk."""
    return bytes([Kind.COMMITTED]) + number(count)


LOOK_AGAIN = bytes([Kind.LOOK_AGAIN])
"""Something besides the text has changed: a signature, a comment, where the contract stands."""


def presences(body: bytes) -> list[Presence]:
    """Return the presences that a frame holds."""
    reader = Reader(body)
    found = []
    for _each in range(reader.number()):
        client, clock = reader.number(), reader.number()
        try:
            state = json.loads(reader.chunk())
        except (ValueError, RecursionError) as error:
            raise Malformed("a presence is JSON") from error
        found.append(Presence(client, clock, state if isinstance(state, dict) else None))
    return found


def presence(these: Iterable[Presence]) -> bytes:
    """Return the frame that says these presences."""
    rows = []
    for one in these:
        said = json.dumps(one.state, ensure_ascii=True, separators=(",", ":")).encode()
        rows.append(number(one.client) + number(one.clock) + number(len(said)) + said)
    body = number(len(rows)) + b"".join(rows)
    return bytes([Kind.PRESENCE]) + number(len(body)) + body


def number(value: int) -> bytes:
    """Return a number as seven bits to the byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


class Reader:
    """Reads numbers and chunks, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        value = shift = 0
        while True:
            if self._at >= len(self._data) or shift > 49:
                raise Malformed("a number does not end")
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def chunk(self) -> bytes:
        length = self.number()
        if length > len(self._data) - self._at:
            raise Malformed("less came than was said")
        found = self._data[self._at : self._at + length]
        self._at += length
        return found
