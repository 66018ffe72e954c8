"""Reminders by the thousand, the real processes that send them, a mail server, and whoever kills them.

Used by the table `reminders` and, with a short seed, by the tests. What sends is the product itself: its worker, its
beat, its tasks and settings, started as `make run` starts them.
"""

import asyncio
import datetime as dt
import random
import re
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from tools.child import Child
from tools.places import ROOT, free_port

MESSAGE_ID = re.compile(rb"^Message-ID: *\r?\n? *<([^@>]+)@", re.MULTILINE | re.IGNORECASE)


@dataclass
class Accepted:
    """A mail that the server has taken."""

    at: float  # seconds of the epoch
    message_id: str
    address: str


@dataclass
class Sink:
    """A mail server that takes `delay` seconds for each mail, and says 451 to a share of them."""

    delay: float = 0.01
    share_of_451: float = 0.0
    seed: int = 1
    accepted: list[Accepted] = field(default_factory=list)
    said_451: int = 0
    in_flight: Counter = field(default_factory=Counter)  # by the port of who sends
    transports: set[asyncio.BaseTransport] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    async def take(self, port: int, rcpt: str, content: bytes) -> bytes:
        """Return what is said to a mail that came from this port."""
        found = MESSAGE_ID.search(content)
        self.in_flight[port] += 1
        try:
            await asyncio.sleep(self.delay)
            if self.random.random() < self.share_of_451:
                self.said_451 += 1
                return b"451 Come back later\r\n"
            self.accepted.append(Accepted(time.time(), found[1].decode() if found else "", rcpt))
        finally:
            self.in_flight[port] -= 1
        return b"250 OK\r\n"

    def start(self) -> str:
        """Listen in a thread of its own; return the EMAIL_URL."""
        self.loop = asyncio.new_event_loop()
        port = free_port()
        self.server = self.loop.run_until_complete(
            self.loop.create_server(lambda: _Session(self), host="127.0.0.1", port=port)
        )
        self.thread = threading.Thread(target=self.loop.run_forever, name="mail server", daemon=True)
        self.thread.start()
        return f"smtp://127.0.0.1:{port}"

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.run_until_complete(self._hang_up())
        self.loop.close()

    async def _hang_up(self) -> None:
        """Leave nothing open: what is collected later, inside another test, would be said of that one."""
        self.server.close()
        for transport in self.transports:
            transport.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.server.wait_closed()


class _Session(asyncio.Protocol):
    """One connection of RFC 5321, as little of it as a sender needs: what measures must not take the time measured."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = bytearray()
        self.rcpt = ""
        self.is_data = False

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.sink.transports.add(transport)
        self.port = transport.get_extra_info("peername")[1]
        transport.write(b"220 mailroom\r\n")

    def connection_lost(self, _why: Exception | None) -> None:
        self.sink.transports.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = b"\r\n.\r\n" if self.is_data else b"\r\n"
            at = self.buffer.find(end)
            if at < 0:
                return
            said = bytes(self.buffer[:at])
            del self.buffer[: at + len(end)]
            if self.is_data:
                self.is_data = False
                task = asyncio.ensure_future(self.sink.take(self.port, self.rcpt, said))
                task.add_done_callback(self.answer)
            else:
                self.command(said)

    def answer(self, taken: asyncio.Task[bytes]) -> None:
        if not taken.cancelled():
            self.transport.write(taken.result())

    def command(self, said: bytes) -> None:
        verb = said[:4].upper()
        if verb == b"RCPT":
            self.rcpt = said.partition(b"<")[2].partition(b">")[0].decode()
        if verb == b"DATA":
            self.is_data = True
            self.transport.write(b"354 Go on\r\n")
        elif verb in (b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"):
            self.transport.write(b"250 OK\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 Bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"502 Not here\r\n")


@dataclass
class Fleet:
    """Workers and beats, as the product starts them, each in a session of its own."""

    folder: Path
    environment: dict[str, str]
    workers: int = 4
    slots: int = 1
    beats: int = 1
    celery_app: str = ""  # another than ours

    def start(self) -> None:
        self.members = {
            f"{name}{number}": self._child(f"{name}{number}", name)
            for name, count in (("worker", self.workers), ("beat", self.beats))
            for number in range(count)
        }
        for child in self.members.values():
            child.start()

    def _child(self, name: str, what: str) -> Child:
        from peermentor import processes

        argv = processes.command(what)
        if "--concurrency" in argv:
            argv[argv.index("--concurrency") + 1] = str(self.slots)
        if self.celery_app:
            argv[argv.index("peermentor.celery")] = self.celery_app
        # Two workers of one name would take each other for themselves.
        argv = [part.replace("worker@%h", f"{name}@%h") for part in argv]
        return Child(
            name, argv, log=self.folder / f"{name}.log", notes=self.folder / "running", env=self.environment, cwd=ROOT
        )

    def kill(self, name: str) -> int:
        """kill -9 the whole session of one; return how many processes that were."""
        child = self.members[name]
        doomed = self.processes(name)
        for process in doomed:
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        if child.process:
            child.process.wait(timeout=10)
        return len(doomed)

    def again(self, name: str) -> None:
        self.members[name].clear()
        self.members[name].start()

    def processes(self, name: str) -> list[psutil.Process]:
        """The children of one and it itself, the senders first."""
        pid = self.members[name].pid
        if pid is None or not psutil.pid_exists(pid):
            return []
        try:
            main = psutil.Process(pid)
            return [*main.children(recursive=True), main]
        except psutil.NoSuchProcess:
            return []

    def ports(self, name: str) -> set[int]:
        """The local ports of the connections that one has open."""
        found = set()
        for process in self.processes(name):
            try:
                found |= {each.laddr.port for each in process.net_connections("tcp") if each.laddr}
            except psutil.Error:
                continue
        return found

    def stop(self) -> None:
        for child in self.members.values():
            child.stop(patience=8)


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """Return the processor time that these have used so far, and those of their children that have ended."""
    found = 0.0
    for process in processes:
        try:
            used = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found += used.user + used.system + used.children_user + used.children_system
    return found


def wait_for_flight(sink: Sink, fleet: Fleet, name: str, *, seconds: float) -> bool:
    """Wait until a mail of this worker is at the server, and say whether one is."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ports = fleet.ports(name)
        tried = time.monotonic() + 0.3
        while time.monotonic() < min(tried, until):
            if any(sink.in_flight[port] > 0 for port in ports):
                return True
            time.sleep(0.0005)
    return False


# --- What is due -----------------------------------------------------------------------------------------------------


@dataclass
class Seed:
    """What was made: by Message-ID, when it is due, and which must not arrive."""

    due: dict[str, float]
    poison: set[str]
    cancelled: set[str]


def seed(count: int, *, spread: float = 0, poison: int = 0, cancelled: int = 0, name: str = "r") -> Seed:
    """Make `count` reminders of introductions, half of them due over `spread` seconds from now, the rest at once.

    Of those due later `cancelled` are of introductions that are withdrawn before. `poison` cannot be rendered.
    """
    from accounts import notices
    from accounts.models import Profile, User
    from matching.letters import FAMILY, REMIND_FOR
    from matching.models import Introduction, IntroductionMove

    size = 2
    while size * (size - 1) // 2 < count:
        size += 1
    people = User.objects.bulk_create(
        [User(email=f"{name}{number}@bench.example", time_zone="Europe/Paris") for number in range(size)]
    )
    Profile.objects.bulk_create([Profile(member=one, name=f"Person {one.pk} Bench") for one in people])
    now = _now()
    day = dt.timedelta(days=1)
    pairs = [(one, other) for place, one in enumerate(people) for other in people[place + 1 :]][:count]
    random.Random(7).shuffle(pairs)
    introductions = Introduction.objects.bulk_create(
        [
            Introduction(inviter=one, invited=other, moves=1, lapses_at=now + 14 * day, sent_at=now, moved_at=now)
            for one, other in pairs
        ],
        batch_size=1000,
    )
    rhythm = {"every_weeks": 1, "minutes": 60, "weeks": 8}
    IntroductionMove.objects.bulk_create(
        [
            IntroductionMove(
                introduction=each, number=1, kind="sent", by="inviter", author=each.inviter, text="Shall we?", **rhythm
            )
            for each in introductions
        ],
        batch_size=1000,
    )
    rows, due, late = [], {}, []
    now = _now()
    for number, each in enumerate(introductions):
        after = spread * number / count if spread and number % 2 else 0.0
        key = f"{FAMILY}:{each.pk}:1:day7"
        context = {"introduction": each.pk, "move": 1, "day": 7}
        is_late = bool(spread) and after > spread / 2
        if is_late and len(late) < cancelled:
            late.append(each.pk)
        due[notices.message_id(key).strip("<>").partition("@")[0]] = now.timestamp() + after
        rows.append(
            notices.row(
                key=key,
                kind=f"{FAMILY}:reminder",
                address=each.invited.email,
                member=each.invited,
                context=context,
                due_at=now + dt.timedelta(seconds=after),
                lasts=REMIND_FOR,
            )
        )
    ids = list(due)
    gone = {ids[place] for place, each in enumerate(introductions) if each.pk in set(late)}
    spoilt = set()
    for place in random.Random(11).sample(range(count), min(count, poison * 2)):
        if len(spoilt) < poison and ids[place] not in gone:
            rows[place].context = {"introduction": rows[place].context["introduction"]}  # no move: it cannot be told
            spoilt.add(ids[place])
    notices.queue_all(rows)
    for pk in late:
        _withdraw(pk)
    return Seed(due=due, poison=spoilt, cancelled=gone)


def _withdraw(pk: int) -> None:
    from matching.actions.introductions import withdraw
    from matching.models import Introduction

    withdraw(by=Introduction.objects.get(pk=pk).inviter, introduction_id=pk, seen_move=1)


def _now() -> dt.datetime:
    from accounts import clock

    return clock.now()


# --- What became of it -----------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What arrived, against what was to arrive."""

    wanted: int
    arrived: int
    lost: int
    early: int
    to_cancelled: int
    poison_sent: int
    extra: int
    lateness: list[float]
    states: dict[str, int]


def tally(sown: Seed, sink: Sink, states: dict[str, int], *, since: int = 0) -> Tally:
    """Return what became of the seed. `since` is how many mails the server had taken before."""
    accepted = sink.accepted[since:]
    counts = Counter(mail.message_id for mail in accepted)
    first: dict[str, float] = {}
    for mail in accepted:
        first.setdefault(mail.message_id, mail.at)
    wanted = set(sown.due) - sown.poison - sown.cancelled
    return Tally(
        wanted=len(wanted),
        arrived=len(wanted & set(counts)),
        lost=len(wanted - set(counts)),
        # The clocks are one; a millisecond is what writing it down as a float may cost.
        early=sum(at < sown.due[each] - 0.001 for each, at in first.items() if each in sown.due),
        to_cancelled=sum(counts[each] for each in sown.cancelled),
        poison_sent=sum(counts[each] for each in sown.poison),
        extra=sum(count - 1 for count in counts.values()),
        lateness=[first[each] - sown.due[each] for each in wanted & set(first)],
        states=states,
    )


def states(url: str) -> dict[str, int]:
    """How many notices are in each state; asked over a connection of its own, since servers may come and go."""
    with psycopg.connect(url, autocommit=True, connect_timeout=3) as connection:
        return dict(connection.execute("SELECT state, count(*) FROM accounts_notice GROUP BY state").fetchall())


def wait_until_done(url: str, *, seconds: float, every: float = 0.5) -> dict[str, int]:
    """Wait until nothing is pending or being sent, or the time is over; return how many are in each state."""
    until = time.monotonic() + seconds
    found: dict[str, int] = {}
    while time.monotonic() < until:
        try:
            found = states(url)
        except psycopg.Error:
            found = {"pending": -1}
        if not found.get("pending") and not found.get("sending"):
            break
        time.sleep(every)
    return found


def first_after(sink: Sink, moment: float) -> float | None:
    """Return the seconds from `moment` (of the epoch) to the next mail that the server took, if there was one."""
    later = [mail.at for mail in sink.accepted if mail.at >= moment]
    return min(later) - moment if later else None
