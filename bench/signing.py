"""Two people press at the same moment, a thousand times each race: what came out wrong, and what a signature costs.

Beside each race stands the control: the same rounds with the lock of the contract taken off, where some have to go
wrong, or the race would prove nothing. Wrong is a contract against the rules of the design, and also an answer that is
no sentence: without the lock the triggers of the database still refuse, and somebody gets an error for an answer. The
races, and what counts as wrong, are those of the tests.
"""

import time
from collections.abc import Callable, Iterator

from bench.database import own_database
from bench.rows import Row, percentile

ROUNDS = 1_000
CONTROL_ROUNDS = 100
SIGNATURES = 200


def rows() -> Iterator[Row]:
    """Measure in a database of our own."""
    with own_database():
        yield from measure()


def measure() -> Iterator[Row]:
    from tests.contracts.races import RACES, Pair, run, without_the_lock

    pair = Pair(ready_to_sign())
    yield from cost(pair)
    for name, race in RACES.items():
        tally = run(pair, race, ROUNDS)
        with without_the_lock():
            control = run(pair, race, CONTROL_ROUNDS)
        if tally.first_wrong:
            print(f"{name}: {tally.first_wrong}")
        wrong_without = control.wrong * ROUNDS / CONTROL_ROUNDS
        yield Row(f"{name}: wrong of {ROUNDS:,} (reference: no lock)", tally.wrong, "rounds", wrong_without, 0)
        yield Row(f"{name}: truly overlapped, of {ROUNDS:,}", tally.overlapped, "rounds")
        right = control.rounds - control.wrong
        yield Row(f"{name}, no lock: right of {CONTROL_ROUNDS}", right, "rounds", target=CONTROL_ROUNDS - 1)


def ready_to_sign():
    """Return a contract in which nothing is missing."""
    from contracts.actions import drafting
    from tests.pairs import fill, introduce
    from tests.people import member, settle

    ada = settle(member("ada@bench.example", "Ada Bright"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    ben = settle(member("ben@bench.example", "Ben Carter"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
    return fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)


def cost(pair) -> Iterator[Row]:
    """The time of a signature, the first and the second; beside it a bare INSERT in a transaction of its own."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_reference (id bigserial PRIMARY KEY, sha256 text, name text)")

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_reference (sha256, name) VALUES (%s, %s)", ["0" * 64, "Ada Bright"])

    first, second, bare = [], [], []
    for _round in range(SIGNATURES):
        contract = pair.begin()
        first.append(milliseconds(pair.sign(pair.first, contract)))
        second.append(milliseconds(pair.sign(pair.second, contract)))
        bare.append(milliseconds(insert))
    for name, times in (("the first signature", first), ("the second, which brings it into force", second)):
        for words, share in (("p50", 0.5), ("p95", 0.95)):
            yield Row(f"{name}: {words} (reference: INSERT)", percentile(times, share), "ms", percentile(bare, share))


def milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
