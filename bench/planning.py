"""Planning what is told of 1,000, 10,000 and 100,000 contracts in force: time, queries, a run with nothing to do.

The contracts are copies of one that two members wrote and signed, each of two members of its own, in one of six zones,
with a first meeting and an hour of its own: what was signed, and when, is there as the application writes it. They are
written by SQL, past the triggers that would have each of them signed by hand.

The reference of a first run is what writing its notices costs alone: such rows, in batches, into an empty table.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.database import own_database
from bench.rows import Row
from bench.signing import ready_to_sign

SIZES = (1_000, 10_000, 100_000)
ZONES = ["Europe/London", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo"]
WRITTEN = 10_000
TABLES = ("contract", "version", "signature", "event")

COPIES = """
CREATE TEMPORARY TABLE copy ON COMMIT DROP AS
SELECT n, zones.names[1 + n %% 6] AS zone, zones.names[1 + n / 6 %% 6] AS other_zone,
    peermentor_now() - n %% 60 * interval '1 day' AS since
FROM generate_series(%(first)s, %(last)s) AS n, (SELECT %(zones)s::text[] AS names) AS zones;

INSERT INTO accounts_user (password, email, time_zone, language, is_superuser, is_active, is_staff)
SELECT '!', side || n || '@bench.example', CASE side WHEN 'a' THEN zone ELSE other_zone END, 'en', false, true, false
FROM copy, unnest(ARRAY['a', 'b']) AS side;

ALTER TABLE copy
    ADD COLUMN first bigint, ADD COLUMN second bigint, ADD COLUMN contract bigint, ADD COLUMN version bigint;

UPDATE copy SET first = a.id, second = b.id FROM accounts_user a, accounts_user b
WHERE a.email = 'a' || n || '@bench.example' AND b.email = 'b' || n || '@bench.example';

INSERT INTO accounts_profile (
    member_id, name, headline, about, contact, languages, media, hours_per_week, free_hours, hour_starts, utc_offset,
    is_looking
)
SELECT member, 'Member ' || member, '', '', '', ARRAY['en'], ARRAY['video'], 3, '{}', model.hour_starts, 0, true
FROM copy, unnest(ARRAY[first, second]) AS member, (SELECT hour_starts FROM accounts_profile LIMIT 1) AS model;

INSERT INTO contracts_contract (
    first_id, second_id, first_name, second_name, state, head, signer, said_done, first_has_seen, second_has_seen
)
SELECT first, second, 'Ada Bright', 'Ben Carter', 'draft', model.head, '', '', 0, 0
FROM copy, (SELECT head FROM contracts_contract WHERE id = %(model)s) AS model;

UPDATE copy SET contract = c.id FROM contracts_contract c WHERE c.first_id = first;

INSERT INTO contracts_version (contract_id, number, head, text, sha256)
SELECT contract, 1, model.head, said.text, encode(sha256(convert_to(said.text, 'UTF8')), 'hex')
FROM copy, (SELECT text, head FROM contracts_version WHERE contract_id = %(model)s) AS model,
    LATERAL (
        SELECT regexp_replace(regexp_replace(regexp_replace(regexp_replace(model.text,
            '"first_on":"[^"]*"', format('"first_on":"%%s"', (since + (1 + n %% 7) * interval '1 day')::date)),
            '"time":"[^"]*"', format('"time":"%%s:%%s"', lpad((7 + n %% 15)::text, 2, '0'), 30 * (n %% 2) + 15)),
            '"zone":"[^"]*"', format('"zone":"%%s"', zone)),
            '"weeks":"[^"]*"', '"weeks":"26"') AS text
    ) AS said;

UPDATE copy SET version = v.id FROM contracts_version v WHERE v.contract_id = contract;

INSERT INTO contracts_signature (version_id, side, sha256, typed_name, consent)
SELECT v.id, side, v.sha256, 'Somebody', 'yes'
FROM copy JOIN contracts_version v ON v.id = version, unnest(ARRAY['first', 'second']) AS side;

UPDATE contracts_contract c SET state = 'in_force', version_in_force_id = version, in_force_at = since
FROM copy WHERE c.id = contract;

INSERT INTO contracts_event (contract_id, number, kind, by, version_id, head, at)
SELECT contract, 1, 'in_force', '', version, 1, since FROM copy
"""


def rows() -> Iterator[Row]:
    """Measure in a database of our own."""
    with own_database():
        yield from measure()


def measure() -> Iterator[Row]:
    from checkins.actions.planning import plan_all

    model = sign(ready_to_sign())
    there, per_contract = 1, {}
    for size in SIZES:
        copy(model, there + 1, size)
        there = size
        forget()
        with counted() as queries:
            first, planned = timed(plan_all)
        if planned != size:
            raise AssertionError(f"{planned} of {size} contracts were planned")
        in_first = queries[0]
        with counted() as queries:
            second, nothing = timed(plan_all)
        if nothing:
            raise AssertionError(f"{nothing} contracts were planned twice")
        notices = count_notices()
        per_contract[size] = first / size * 1000
        written = write_alone() * notices
        name = f"{size:,} contracts"
        yield Row(f"{name}: all planned (reference: writing the notices alone)", first, "s", written)
        yield Row(f"{name}: notices", notices, "rows")
        yield Row(f"{name}: queries per 1,000 contracts", in_first / size * 1000, "queries")
        yield Row(
            f"{name}: per contract", per_contract[size], "ms", per_contract[SIZES[0]], 1.5 * per_contract[SIZES[0]]
        )
        yield Row(f"{name}: a second run that changes nothing, of the first", second / first * 100, "%", target=5)
        yield Row(f"{name}: its queries", queries[0], "queries", target=10)


def sign(contract) -> int:
    """Let both sign; return the contract's id."""
    from tests.pairs import put_name

    first, second = contract.first, contract.second
    return put_name(put_name(contract, first), second).pk


def copy(model: int, first: int, last: int) -> None:
    """Copy the contract so many times."""
    from django.db import connection, transaction

    from peermentor.communities.people import settle

    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE contracts_{table} DISABLE TRIGGER USER")
        for statement in COPIES.split(";\n\n"):
            cursor.execute(statement, {"model": model, "first": first, "last": last, "zones": ZONES})
        # What is checked at the end of a transaction is checked now: a table that waits for it is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE contracts_{table} ENABLE TRIGGER USER")
    settle()


def forget() -> None:
    """Let nothing be planned."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_notice, checkins_plan CASCADE")


def count_notices() -> int:
    from accounts.models import Notice

    return Notice.objects.count()


def write_alone() -> float:
    """Return the seconds that it takes to write a notice once more, and nothing else: of the first that there are."""
    from django.db import connection

    from accounts.models import Notice

    notices = list(Notice.objects.order_by("id")[:WRITTEN])
    for notice in notices:
        notice.pk = None
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_notice CASCADE")
    seconds, _made = timed(lambda: Notice.objects.bulk_create(notices, batch_size=1000))
    return seconds / len(notices)


def timed(act) -> tuple[float, object]:
    began = time.perf_counter()
    done = act()
    return time.perf_counter() - began, done


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the statements of this connection."""
    from django.db import connection

    count = [0]

    def wrap(execute, sql, params, many, context):
        count[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrap):
        yield count
