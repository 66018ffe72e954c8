"""Reminders by the thousand: how fast they go, and whether each goes once when everything that can fails.

Sent by the product's own worker, beat, tasks and settings, through a real SMTP server that takes 10 ms a mail, on
servers of our own, which are wiped and restarted while mails are in flight. Beside it, under the same faults, the naive
design: one Celery task with an ETA a mail. COUNT and NAIVE_COUNT in the environment make it shorter.
"""

import json
import multiprocessing
import os
import random
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import redis

from bench.mailroom import (
    Fleet,
    Seed,
    Sink,
    Tally,
    cpu_seconds,
    first_after,
    seed,
    states,
    tally,
    wait_for_flight,
    wait_until_done,
)
from bench.rows import Row, percentile
from tools.places import ROOT
from tools.services import Postgres, Services, Valkey

COUNT = int(os.environ.get("COUNT") or 10_000)
NAIVE_COUNT = int(os.environ.get("NAIVE_COUNT") or 2_000)
SLOTS = int(os.environ.get("SLOTS") or 8)
KILLS = 18
PATIENCE = 600.0
SERVERS = ("DATABASE_URL", "REDIS_URL")


def rows() -> Iterator[Row]:
    """Measure in a process of its own, since its servers come and go."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "rows.json"
        environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
        subprocess.run([sys.executable, "-m", "bench.reminders", str(found)], cwd=ROOT, env=environment, check=True)
        for row in json.loads(found.read_text()):
            yield Row(**{name: row[name] for name in ("name", "figure", "unit", "reference", "target")})


class Place:
    """Servers of our own, a mail server, and a database with everything in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sink = Sink()
        environment = {**os.environ, "DEBUG": "1", "EMAIL_URL": self.sink.start()}
        # Durable: what PostgreSQL has answered must be there after it was shot.
        self.services = Services(folder / "data", durable=True, environment=environment)
        self.services.start()
        self.environment = self.services.environment
        os.environ.update({name: self.environment[name] for name in (*SERVERS, "DEBUG", "EMAIL_URL")})
        os.environ["DJANGO_SETTINGS_MODULE"] = "peermentor.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)

    @property
    def postgres(self) -> Postgres:
        return next(server for server in self.services.servers if isinstance(server, Postgres))

    @property
    def valkey(self) -> Valkey:
        return next(server for server in self.services.servers if isinstance(server, Valkey))

    def fleet(self, **options) -> Fleet:
        return Fleet(self.folder / f"fleet-{time.monotonic_ns()}", self.environment, **options)

    def postgres_seconds(self) -> float:
        """The processor time of PostgreSQL so far."""
        main = psutil.Process(self.postgres.child.pid)
        return cpu_seconds([main, *main.children(recursive=True)])

    def empty(self) -> None:
        """Forget everything of the round before."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SET peermentor.may_truncate = on")
            cursor.execute("TRUNCATE accounts_user CASCADE")
        connection.close()
        with redis.Redis.from_url(self.environment["REDIS_URL"]) as client:
            client.flushall()
        self.sink.accepted.clear()
        self.sink.share_of_451, self.sink.delay, self.sink.said_451 = 0.0, 0.01, 0

    def wipe(self, server: Postgres | Valkey, *, seconds: float) -> None:
        """Shoot a server; it is back after a while. Valkey has forgotten all then, PostgreSQL nothing."""
        child = server.child
        if child.process:
            child.process.kill()
            child.process.wait()
        child.clear()
        time.sleep(seconds)
        if isinstance(server, Valkey):
            for left in (self.folder / "data" / "valkey").glob("appendonly*"):
                shutil.rmtree(left, ignore_errors=True)
        server.start_again()
        server.wait(60)
        if server is self.postgres:
            from django.db import connection

            connection.close()
            connection.close_pool()

    def stop(self) -> None:
        from django.db import connection

        connection.close()
        self.services.stop()
        self.sink.stop()


# --- A calm second ---------------------------------------------------------------------------------------------------


def calm(place: Place) -> Iterator[Row]:
    """Everything is due at once, nothing fails."""
    place.empty()
    fleet = place.fleet(workers=1, slots=SLOTS)
    warm_up(place, fleet)
    before = len(place.sink.accepted)
    sown = seed(COUNT, name="calm")
    began = time.time()
    used = cpu_seconds(fleet.processes("worker0")), place.postgres_seconds(), time.process_time()
    found = wait_until_done(place.environment["DATABASE_URL"], seconds=PATIENCE)
    took = place.sink.accepted[-1].at - began
    used_after = cpu_seconds(fleet.processes("worker0")), place.postgres_seconds(), time.process_time()
    fleet.stop()
    done = tally(sown, place.sink, found, since=before)
    bare = bare_loop(place)
    rate = done.arrived / took
    yield Row(
        "calm: a mail, rendered and sent (reference: bare smtplib loop)", 1000 / rate, "ms", 1000 / bare, 1000 / 150
    )
    yield Row("calm: mails a second (reference: bare smtplib loop)", rate, "mails/s", bare)
    for name, before_it, after_it in zip(("workers", "PostgreSQL", "mail server"), used, used_after, strict=True):
        yield Row(f"calm: processor time of {name}, a mail", 1000 * (after_it - before_it) / done.arrived, "ms")
    late = done.lateness
    yield Row("calm: lateness p50, all due at once", percentile(late, 0.5), "s")
    yield Row("calm: lateness p99, all due at once", percentile(late, 0.99), "s")
    yield from verdicts("calm", done, extra_target=0)


def warm_up(place: Place, fleet: Fleet) -> None:
    """Start, and wait until a first mail has gone: a worker takes some seconds to come up."""
    fleet.start()
    seed(40, name=f"warm{time.monotonic_ns()}")
    wait_until_done(place.environment["DATABASE_URL"], seconds=90)


def bare_loop(place: Place) -> float:
    """Return the mails a second of as many bare loops as there are slots, with a mail of ours as it was sent."""
    mail = ready_mail()
    place.sink.accepted.clear()
    host, port = place.environment["EMAIL_URL"].removeprefix("smtp://").split(":")
    each = COUNT // SLOTS
    loops = [
        multiprocessing.get_context("spawn").Process(target=_loop, args=(host, int(port), mail, each))
        for _ in range(SLOTS)
    ]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    accepted = [mail.at for mail in place.sink.accepted]
    return (len(accepted) - 1) / (max(accepted) - min(accepted))


def _loop(host: str, port: int, mail: bytes, count: int) -> None:
    with smtplib.SMTP(host, port) as server:
        for _ in range(count):
            server.sendmail("hello@localhost", ["r@bench.example"], mail)


def ready_mail() -> bytes:
    """Return a reminder as it goes out."""
    from accounts.models import Notice
    from accounts.notices.messages import single

    seed(1, name="ready")
    return single(Notice.objects.latest("pk")).message().as_bytes(linesep="\r\n")


# --- Faults ----------------------------------------------------------------------------------------------------------


def faults(place: Place) -> Iterator[Row]:
    """Workers and beat are shot with mails in flight, Redis is wiped twice, PostgreSQL restarted, 10 % get a 451."""
    place.empty()
    place.sink.share_of_451 = 0.1
    fleet = place.fleet(workers=4, slots=1)
    warm_up(place, fleet)
    before = len(place.sink.accepted)
    sown = seed(COUNT, spread=40, poison=COUNT // 100, cancelled=COUNT // 100, name="faults")
    kills, in_flight, outages = attack(place, fleet, KILLS)
    found = wait_until_done(place.environment["DATABASE_URL"], seconds=PATIENCE)
    fleet.stop()
    done = tally(sown, place.sink, found, since=before)
    print(f"  faults: {kills} kills, {in_flight} with a mail in flight; {place.sink.said_451} times 451; {found}")
    yield Row("faults: kill -9 of workers and beat", kills, "kills")
    yield Row("faults: of these with a mail in flight", in_flight, "kills")
    yield Row("faults: 451 said", place.sink.said_451, "times")
    yield from verdicts("faults", done, extra_target=min(kills, done.wanted * 0.002))
    yield Row(
        "faults: poison parked, not sent (short of all)", len(sown.poison) - found.get("failed", 0), "mails", None, 0
    )
    yield Row("faults: first mail after an outage", max(outages), "s", None, 45)


def attack(place: Place, fleet: Fleet, kills: int) -> tuple[int, int, list[float]]:
    """Shoot what there is, one after the other, while mails are in flight.

    Return how many kills there were, how many with a mail in flight, and the seconds to a first mail after each outage.
    """
    chance = random.Random(5)
    done = in_flight = 0
    outages: list[float] = []
    moments: list[float] = []
    names = [f"worker{number}" for number in range(fleet.workers)]
    plan = {kills // 4: place.valkey, kills // 2: place.postgres, 3 * kills // 4: place.valkey}
    back: list[tuple[float, str]] = []
    url = place.environment["DATABASE_URL"]
    while done < kills:
        back = _return(fleet, back)
        ready = [name for name in names if name not in {gone for _at, gone in back}]
        is_beat = done % 6 == 5
        target = chance.choice(ready) if ready else ""
        if target and wait_for_flight(place.sink, fleet, target, seconds=2):
            port_was_busy = True
        else:
            port_was_busy = False
            if _is_done(url):
                break
            if not is_beat:
                continue
        victim = "beat0" if is_beat else target
        fleet.kill(victim)
        done += 1
        in_flight += port_was_busy
        back.append((time.monotonic() + 0.5, victim))
        if server := plan.pop(done, None):
            place.wipe(server, seconds=2)
            moments.append(time.time())
        time.sleep(chance.uniform(0.5, 1.5))
    while back:
        back = _return(fleet, back)
        time.sleep(0.1)
    # All of them at once, as when the machine goes.
    for name in fleet.members:
        fleet.kill(name)
    moments.append(time.time())
    for name in fleet.members:
        fleet.again(name)
    seed(20, name="after")
    wait_until_done(url, seconds=PATIENCE)
    for moment in moments:
        seconds = first_after(place.sink, moment)
        outages.append(PATIENCE if seconds is None else seconds)
    return done + len(fleet.members), in_flight, outages


def _return(fleet: Fleet, back: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Start those again whose time has come; return the others."""
    now = time.monotonic()
    for at, name in back:
        if at <= now:
            fleet.again(name)
    return [(at, name) for at, name in back if at > now]


def _is_done(url: str) -> bool:
    found = states(url)
    return not found.get("pending") and not found.get("sending")


def verdicts(what: str, done: Tally, *, extra_target: float) -> Iterator[Row]:
    """The rows that every round has."""
    yield Row(f"{what}: lost of {done.wanted:,}", done.lost, "mails", None, 0)
    yield Row(f"{what}: too early", done.early, "mails", None, 0)
    yield Row(f"{what}: to what was cancelled", done.to_cancelled, "mails", None, 0)
    yield Row(f"{what}: duplicates", done.extra, "mails", None, extra_target)


def two_beats(place: Place) -> Iterator[Row]:
    """Two beats, and a mail server so slow that a lease ends before a batch does."""
    place.empty()
    fleet = place.fleet(workers=2, slots=2, beats=2)
    warm_up(place, fleet)
    before = len(place.sink.accepted)
    place.sink.delay = 1.2
    sown = seed(160, name="slow")
    found = wait_until_done(place.environment["DATABASE_URL"], seconds=PATIENCE)
    fleet.stop()
    yield from verdicts("two beats, 1.2 s a mail", tally(sown, place.sink, found, since=before), extra_target=0)


# --- The naive design ------------------------------------------------------------------------------------------------


def naive(place: Place) -> Iterator[Row]:
    """One ETA task a mail, under the same kills, wipes and 451s; PostgreSQL has no part in it."""
    from bench.naive import send

    place.empty()
    place.sink.share_of_451 = 0.1
    fleet = place.fleet(workers=4, slots=1, celery_app="bench.naive")
    send.app.conf.broker_url = place.environment["REDIS_URL"]
    fleet.start()
    now = time.time()
    due = {}
    for number in range(NAIVE_COUNT):
        after = 40 * number / NAIVE_COUNT if number % 2 else 0.0
        due[f"naive-{number}"] = now + after
        send.apply_async([number], countdown=after)
    sown = Seed(due, set(), set())
    names = [f"worker{number}" for number in range(4)]
    chance = random.Random(5)
    kills = 0
    for number in range(6):
        name = chance.choice(names)
        wait_for_flight(place.sink, fleet, name, seconds=6)
        fleet.kill(name)
        kills += 1
        fleet.again(name)
        if number in (1, 4):
            place.wipe(place.valkey, seconds=2)
        time.sleep(2)
    quiet = 0.0
    while quiet < 30:
        count = len(place.sink.accepted)
        time.sleep(5)
        quiet = quiet + 5 if len(place.sink.accepted) == count else 0.0
    fleet.stop()
    done = tally(sown, place.sink, {})
    yield Row(
        f"naive (one ETA task a mail): lost of {NAIVE_COUNT:,}, {kills} kills, Redis wiped twice", done.lost, "mails"
    )
    yield Row("naive: duplicates", done.extra, "mails")


def main(found: Path) -> None:
    """Run all rounds and write their rows to a file."""
    folder = Path(tempfile.mkdtemp(prefix="reminders-"))
    place = Place(folder)
    rounds = os.environ.get("ROUNDS", "calm faults two_beats naive").split()
    measured = []
    try:
        for name in rounds:
            print(f"  {name}: load {os.getloadavg()[0]:.1f} at its start", flush=True)
            for row in globals()[name](place):
                print("  ", " ".join(row.cells()), flush=True)
                measured.append(row.as_json())
            print(f"  {name}: load {os.getloadavg()[0]:.1f} at its end", flush=True)
    finally:
        place.stop()
        shutil.rmtree(folder, ignore_errors=True)
    found.write_text(json.dumps(measured))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
