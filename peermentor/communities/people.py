"""Bringing thousands of members into the database at once, as COPY reads them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction

from accounts import clock, week
from accounts.models import Topic

T = TypeVar("T")
TOGETHER = 20_000
FOLLOWING = ("accounts_listing", "accounts_profile", "account_emailaddress")


@dataclass(frozen=True)
class Person:
    """A member to be.

    `free` are hours of their own week; `offers` {topic: level} and `needs` {topic: importance} name topics by id.
    """

    email: str
    name: str
    time_zone: str = "UTC"
    language: str = "en"
    languages: Sequence[str] = ("en",)
    media: Sequence[str] = ("video",)
    free: Sequence[int] = ()
    offers: Mapping[int, int] = field(default_factory=dict)
    needs: Mapping[int, int] = field(default_factory=dict)
    is_looking: bool = True
    is_confirmed: bool = True
    paused_until: dt.datetime | None = None


def bring_in(people: Iterable[Person]) -> list[int]:
    """Make members of these people, in this order, and return their ids. All or none.

    Nobody can log in as one of them: they have no password.
    """
    ids: list[int] = []
    with transaction.atomic(), _in_no_hurry(), _without_triggers():
        now = clock.now()
        kinds = dict(Topic.objects.values_list("pk", "kind"))
        phrases = dict(Topic.objects.values_list("pk", "label_en"))
        for some in _batched(people, TOGETHER):
            ids += _bring_in(some, now, kinds, phrases)
        with connection.cursor() as cursor:
            for some_ids in _batched(ids, TOGETHER):
                cursor.execute("SELECT matching_derive(%s::bigint[])", [list(some_ids)])
    return ids


def _batched(things: Iterable[T], count: int) -> Iterator[list[T]]:
    """Yield lists of at most so many (itertools.batched comes with Python 3.12)."""
    remaining = iter(things)
    while some := list(islice(remaining, count)):
        yield some


def settle() -> None:
    """Do at once what PostgreSQL does by itself some time after rows have come: vacuum, and count for the planner."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def _in_no_hurry() -> Iterator[None]:
    """Let a statement take as long as it takes, until the transaction ends: thousands of rows are no request."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


@contextmanager
def _without_triggers() -> Iterator[None]:
    """Leave what follows from these rows to one derivation at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in FOLLOWING:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in FOLLOWING:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _bring_in(
    people: Sequence[Person], now: dt.datetime, kinds: Mapping[int, str], phrases: Mapping[int, str]
) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('accounts_user', 'id')) FROM generate_series(1, %s)", [len(people)]
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    offsets = {zone: week.utc_offset(zone, now) for zone in {person.time_zone for person in people}}
    pairs = list(zip(ids, people, strict=True))
    _copy(
        "accounts_user",
        ("id", "password", "email", "time_zone", "language", "is_superuser", "is_active", "is_staff"),
        ((pk, "!", one.email, one.time_zone, one.language, False, True, False) for pk, one in pairs),
    )
    _copy(
        "account_emailaddress",
        ("user_id", "email", "verified", "primary"),
        ((pk, one.email, one.is_confirmed, True) for pk, one in pairs),
    )
    starts: dict[tuple[int, ...], str] = {}

    def bits(one: Person) -> str:
        asked = (offsets[one.time_zone], *one.free)
        if asked not in starts:
            starts[asked] = week.as_bits(week.hour_starts(week.utc_quarters(one.free, offsets[one.time_zone])))
        return starts[asked]

    _copy(
        "accounts_profile",
        (
            *("member_id", "name", "headline", "about", "contact", "languages", "media", "free_hours"),
            *("hour_starts", "utc_offset", "is_looking", "paused_until"),
        ),
        (
            (
                *(pk, one.name, "", "", "", list(one.languages), list(one.media), sorted(set(one.free))),
                *(bits(one), offsets[one.time_zone], one.is_looking, one.paused_until),
            )
            for pk, one in pairs
        ),
    )
    _copy(
        "accounts_listing",
        (
            *("member_id", "side", "kind", "topic_id", "phrase", "words", "level", "importance"),
            *("difference", "position"),
        ),
        (
            row
            for pk, one in pairs
            for side, listed in (("offer", one.offers), ("need", one.needs))
            for place, (topic, value) in enumerate(listed.items())
            for row in [
                (
                    *(pk, side, kinds[topic], topic, phrases[topic], ""),
                    *((value, None) if side == "offer" else (None, value)),
                    *("", place),
                )
            ]
        ),
    )
    return ids


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copied:
        for row in rows:
            copied.write_row(row)
