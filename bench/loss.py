"""Six people edit one draft while web processes are killed: what is lost of what they typed, or stands there twice.

Each has a plain y-websocket in Node, before two web processes; a connection goes to either, as behind a load balancer.
A process is killed (-9) at a moment when updates are on their way to it, or are written and not yet acknowledged; how
many is counted. Every word that is typed is typed once. In the end each must be there once, on every screen and in the
log, unless somebody took it out; whatever was acknowledged is looked up in PostgreSQL, byte by byte, after each kill.

Beside it the plain y-websocket server, killed in the same way: it keeps documents in its memory, and lives from what
clients send again. Then everybody leaves, the servers are killed, and everybody comes back with another browser.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.database import own_database
from bench.live import Clients, address_of, plain_server, rows_of_own_process, two_processes, write_rows
from bench.rows import Row

EDITORS = 6
OPERATIONS, KILLS = 10_000, 22
CUT_OPERATIONS, CUT_KILLS = 2_000, 5
PLAIN_OPERATIONS, PLAIN_KILLS = 3_000, 8
TEXTS = ["goal-first.short", "goal-first.long", "goal-second.short", "goal-second.strategies", "rhythm.where"]
SECONDS_TO_SETTLE = 60
WORD = re.compile(r"\[e\d+\.\d+\]")


class Killable(Protocol):
    """A server that is killed by its process id, and started again."""

    @property
    def pid(self) -> int: ...
    def start(self) -> None: ...
    def kill(self) -> None: ...


@dataclass
class Outcome:
    """What became of it. Words are those of one run, each typed once."""

    operations: int = 0
    put: int = 0
    taken: int = 0
    disconnects: int = 0
    leaves: int = 0
    cuts: int = 0
    faults: list[str] = field(default_factory=list)
    kills: int = 0
    in_vain: int = 0
    """Kills while nothing was on its way."""
    unacknowledged: int = 0
    """Updates that were on their way at the kills, all together."""
    most_people: int = 0
    acknowledged: int = 0
    not_in_the_log: int = 0
    settled: float = 0.0
    """Seconds from the last edit until all show the same."""
    is_settled: bool = False
    texts: int = 0
    """How many different texts the clients show."""
    text: str = ""
    stands: frozenset[str] = frozenset()
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    """Words that somebody took out, and that are there again."""

    def read(self, clients: Clients) -> None:
        said = clients("read")
        self.texts, self.text, self.stands = said["texts"], said["text"], frozenset(said["stands"])
        self.lost, self.doubled, self.back = said["lost"], said["doubled"], said["back"]


def edit_and_kill(
    clients: Clients,
    servers: list[Killable],
    config: dict[str, Any],
    *,
    operations: int,
    kills: int,
    look_up: Callable[[list[str]], int] = len,
) -> Outcome:
    """Let the clients edit, killing a server each time; return what they show when all is quiet again.

    `look_up` takes the hashes of updates that were acknowledged, and returns how many of them are not in the log.
    """
    outcome = Outcome()
    clients("start", config=config)
    clients("edit")
    tally: dict[str, Any] = {"operations": 0}
    while outcome.kills < kills or tally["operations"] < operations:
        if outcome.kills < kills and tally["operations"] >= operations * outcome.kills / kills:
            server = servers[outcome.kills % len(servers)]
            found = clients("kill", pid=server.pid, after=50)
            server.kill()  # it is dead; this waits until it is
            outcome.kills += 1
            outcome.in_vain += found["unacknowledged"] == 0
            outcome.unacknowledged += found["unacknowledged"]
            outcome.most_people = max(outcome.most_people, found["people"])
            if config["acknowledges"]:
                hashes = clients("acknowledged")
                outcome.acknowledged += len(hashes)
                outcome.not_in_the_log += look_up(hashes)
            server.start()
        else:
            time.sleep(0.2)
        tally = clients("tally")
    clients("rest")
    settled = clients("settle", seconds=SECONDS_TO_SETTLE)
    outcome.is_settled, outcome.settled = settled["isSettled"], settled["seconds"]
    for name, said in clients("tally").items():
        setattr(outcome, name, said)
    if config["acknowledges"]:
        hashes = clients("acknowledged")
        outcome.acknowledged += len(hashes)
        outcome.not_in_the_log += look_up(hashes)
    outcome.read(clients)
    return outcome


def all_leave(clients: Clients, servers: list[Killable]) -> Outcome:
    """Close every browser, kill every server, and come back with nothing; return what is there then."""
    clients("leave")
    for server in servers:
        server.kill()
    for server in servers:
        server.start()
    clients("come")
    outcome = Outcome()
    outcome.is_settled = clients("settle", seconds=SECONDS_TO_SETTLE)["isSettled"]
    outcome.read(clients)
    return outcome


def config_of(contract: Any, webs: list[Any], *, seed: int, cuts: bool = False, pause: float = 80) -> dict[str, Any]:
    """What the clients are told: both parties of a contract, three browsers each."""
    from contracts.actions.holding import names
    from contracts.document import shape
    from tests.contracts.live.tabs import cookie_of

    return {
        "seed": seed,
        "editors": EDITORS,
        "pause": pause,
        "cuts": cuts,
        "acknowledges": True,
        "addresses": [address_of(web) for web in webs],
        "room": f"{contract.pk}/",
        "cookies": [cookie_of(contract.first), cookie_of(contract.second)],
        "texts": TEXTS,
        "shape": shape(),
        "document": {"names": {side.value: name for side, name in names(contract).items()}, "amends": None},
    }


def log_of(contract_id: int) -> Callable[[list[str]], int]:
    """Return what looks up in the log of a contract how many of the updates with these hashes are not there."""
    from django.db import connection

    def look_up(hashes: list[str]) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM unnest(%s::text[]) AS said WHERE said NOT IN "
                "(SELECT encode(sha256(data), 'hex') FROM contracts_draftupdate WHERE contract_id = %s)",
                [hashes, contract_id],
            )
            return int(cursor.fetchone()[0])

    return look_up


@dataclass(frozen=True)
class Stored:
    """What the server has: the text that would be signed, what its pages say, and every word of every text."""

    text: str
    shown: str
    words: Counter[str]


def stored(contract_id: int) -> Stored:
    from pycrdt import Text

    from contracts import draft, ydoc
    from contracts.actions import drafting
    from contracts.actions.holding import document, document_from
    from contracts.canonical import canonical
    from contracts.document import TEXTS as TEXTS_OF, parse_key
    from contracts.models import Contract

    drafting.catch_up(contract_id)
    contract = Contract.objects.get(pk=contract_id)
    doc = ydoc.doc_of(draft.whole(contract_id)[0])
    # Those of parts that were taken out as well: their words must not be lost either.
    texts = [
        str(doc.get(f"{key}.{name}", type=Text)) for key in ydoc.read(doc) for name in TEXTS_OF[parse_key(key).kind]
    ]
    return Stored(
        canonical(document_from(contract, draft.contents_of_the_log(contract))),
        canonical(document(contract)),
        Counter(word for text in texts for word in WORD.findall(text)),
    )


def is_refused(contract_id: int, text: str) -> bool:
    """Whether the server refuses to sign when this is what the signer's browser shows."""
    from contracts.actions import signing
    from contracts.canonical import sha256
    from contracts.models import Contract

    contract = Contract.objects.get(pk=contract_id)
    try:
        signing.sign(
            by=contract.first,
            contract_id=contract_id,
            shown_sha256=sha256(signing.text_to_sign(contract)),
            shown_head=contract.head,
            typed_name=contract.first.profile.name,
            consent=signing.consent_words(),
            seen=signing.Seen(sha256(text), text),
        )
    except signing.TextChanged:
        return True
    return False


# --- The table --------------------------------------------------------------------------------------------------------


def rows() -> Iterator[Row]:
    """Measure in a process and in a database of our own."""
    yield from rows_of_own_process("bench.loss")


def measure() -> Iterator[Row]:
    from bench.signing import ready_to_sign
    from contracts.models import Contract
    from tests.pairs import fill, introduce
    from tests.people import member, settle

    plain, plain_after = on_the_plain_server()
    first = ready_to_sign()
    cora = settle(member("cora@bench.example", "Cora"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
    dov = settle(member("dov@bench.example", "Dov"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
    from contracts.actions import drafting

    second = fill(drafting.start(by=cora, introduction_id=introduce(cora, dov).pk), cora)
    with two_processes() as webs:
        with Clients("editors.mjs") as clients:
            config = config_of(first, webs, seed=1)
            outcome = edit_and_kill(clients, webs, config, operations=OPERATIONS, kills=KILLS, look_up=log_of(first.pk))
            yield from rows_of(outcome, stored(first.pk), plain)
            after = all_leave(clients, webs)
            name = "all leave, every server is killed, all come back: words lost (reference: plain y-websocket server)"
            yield Row(name, len(after.lost), "words", len(plain_after.lost), 0)
        with Clients("editors.mjs") as clients:
            config = config_of(second, webs, seed=2, cuts=True)
            outcome = edit_and_kill(
                clients, webs, config, operations=CUT_OPERATIONS, kills=CUT_KILLS, look_up=log_of(second.pk)
            )
            yield from rows_of_cuts(outcome, Contract.objects.get(pk=second.pk))


def on_the_plain_server() -> tuple[Outcome, Outcome]:
    """The same on the plain y-websocket server: one process, since two would know nothing of each other."""
    from contracts.document import shape

    with plain_server() as plain, Clients("editors.mjs") as clients:
        config = {
            "seed": 1,
            "editors": EDITORS,
            "pause": 80,
            "cuts": False,
            "acknowledges": False,
            "texts": TEXTS,
            "addresses": [plain.address],
            "room": "draft",
            "cookies": [""],
            "shape": shape(),
            "document": {"names": {"first": "Ada", "second": "Ben"}, "amends": None},
        }
        outcome = edit_and_kill(clients, [plain], config, operations=PLAIN_OPERATIONS, kills=PLAIN_KILLS)
        return outcome, all_leave(clients, [plain])


def rows_of(outcome: Outcome, there: Stored, plain: Outcome) -> Iterator[Row]:
    words = f"{outcome.put:,} words"
    print(
        f"  {outcome.operations:,} operations, {outcome.put:,} words put in and {outcome.taken:,} taken out, "
        f"{outcome.disconnects} disconnects, {outcome.leaves} browsers closed for good, {outcome.kills} kills with "
        f"{outcome.unacknowledged:,} unacknowledged updates; the plain server: {plain.operations:,} operations, "
        f"{plain.put:,} words, {plain.kills} kills, {plain.leaves} browsers closed.",
        flush=True,
    )
    yield Row("operations", outcome.operations, "operations")
    yield Row("web processes killed (-9)", outcome.kills, "kills")
    yield Row(f"kills short of {KILLS} with updates on their way", outcome.in_vain, "kills", target=0)
    yield Row("updates on their way at a kill, on average", outcome.unacknowledged / outcome.kills, "updates")
    yield Row("updates acknowledged", outcome.acknowledged, "updates")
    yield Row("acknowledged, and not in the log after a kill", outcome.not_in_the_log, "updates", target=0)
    yield Row(f"lost on a screen, of {words} (reference: plain server)", len(outcome.lost), "words", len(plain.lost), 0)
    yield Row("lost in the log", sum(there.words[word] == 0 for word in outcome.stands), "words", target=0)
    doubled = len(outcome.doubled) + sum(count > 1 for count in there.words.values())
    yield Row("there twice, on a screen or in the log", doubled, "words", len(plain.doubled), 0)
    yield Row("taken out, and there again", len(outcome.back), "words", len(plain.back), 0)
    yield Row("different texts on six screens, beyond one", outcome.texts - 1, "texts", plain.texts - 1, 0)
    yield Row("the log makes another text than the screens", int(outcome.text != there.text), "texts", target=0)
    yield Row("the pages show another text than the screens", int(outcome.text != there.shown), "texts", target=0)
    yield Row("faults in a client", len(outcome.faults), "faults", len(plain.faults), 0)
    for fault in outcome.faults[:3]:
        print(f"  {fault}")
    yield Row("last edit to all alike", outcome.settled, "s", plain.settled)


def rows_of_cuts(outcome: Outcome, contract: Any) -> Iterator[Row]:
    there = stored(contract.pk)
    name = f"clients that cut signs in two ({outcome.cuts} times, {outcome.kills} kills)"
    yield Row(f"{name}: lost on a screen, of {outcome.put:,} words", len(outcome.lost), "words", target=0)
    yield Row("… lost in the log", sum(there.words[word] == 0 for word in outcome.stands), "words", target=0)
    yield Row("… there twice", len(outcome.doubled), "words", target=0)
    yield Row("… different texts on six screens, beyond one", outcome.texts - 1, "texts", target=0)
    yield Row("… acknowledged, and not in the log after a kill", outcome.not_in_the_log, "updates", target=0)
    differs = outcome.text != there.text
    yield Row("… the server reads another text (known: yrs keeps a sign whole)", int(differs), "texts")
    if differs:
        yield Row("… and signs it all the same", int(not is_refused(contract.pk, outcome.text)), "signatures", target=0)


if __name__ == "__main__":
    os.environ.setdefault("DEBUG", "1")
    with own_database():
        write_rows(measure())
