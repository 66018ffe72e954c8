"""`make run`: it starts, heals and stops. One start serves several facts, since it takes its time."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psutil
import pytest

from tools.places import ROOT, free_port, remove

PLAIN = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL", "MAKELEVEL"}}


class Run:
    """A supervisor of our own, with data of its own."""

    def __init__(self, folder, port, **environment):
        self.folder, self.port = folder, port
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tools.supervisor"],
                cwd=ROOT,
                env={**PLAIN, "DATA_DIR": str(folder / "data"), "PORT": str(port), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def said(self):
        return self.output.read_text()

    def wait_for(self, sentence, seconds=120):
        wait_until(lambda: sentence in self.said() or self.process.poll() is not None, seconds, self.said)
        assert sentence in self.said(), self.said()

    def pids(self):
        notes = (self.folder / "data" / "running").glob("*.json")
        return {note.stem: json.loads(note.read_text())["pid"] for note in notes}

    def ask(self, code):
        """Return what a line of Python says in the shell of this application."""
        environment = psutil.Process(self.pids()["web"]).environ()
        shell = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        done = subprocess.run(shell, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout.strip()

    def inbox(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/dev/inbox/", timeout=5) as answer:
            return answer.read().decode()

    def readyz(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return answer.read().decode()

    def is_ready(self):
        try:
            return "Beat: last answered" in self.readyz()
        except OSError:  # nobody listens, or the answer is 503
            return False

    def ages(self):
        return [int(seconds) for seconds in re.findall(r"last answered (\d+) second", self.readyz())]


def wait_until(condition, seconds, explain=lambda: "it did not happen in time"):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.1)


def all_gone(processes):
    """Whether they have ended; the last of them by the kernel, a moment after their parent."""
    _, alive = psutil.wait_procs(processes, timeout=10)
    return not alive


@pytest.fixture
def start(tmp_path):
    """Start `make run`'s supervisor; whatever the test does, nothing is left."""
    runs = []

    def start(port=None, **environment):
        runs.append(Run(tmp_path, port or free_port(), **environment))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(60)
    remove(tmp_path / "data")


# The next meeting of a pair of the demo: how far off its evening before is, and whom it is to be told.
NEXT_MEETING = """
from datetime import time, timedelta
from accounts import clock
from checkins import series
from checkins.rhythm import evening_before
from contracts.models import Contract
held = {contract.pk: contract for contract in Contract.objects.open() if contract.is_in_force}
now = clock.now()
to_come = (
    one
    for found in series.read(held.values()).values()
    for one in found.between(now + timedelta(hours=40), now + timedelta(days=90))
    if one.takes_place
)
one = min(to_come, key=lambda one: one.at)
zone = held[one.contract_id].first.time_zone
print((evening_before(one.at, zone, time(18)) - now).total_seconds(), one.local(zone).strftime("%H:%M"))
"""


def test_it_starts_heals_what_dies_stops_all_and_reminds_on_the_evening_before(start):
    run = start()
    run.wait_for("Peermentor is at")
    said = run.said()
    assert f"Peermentor is at http://localhost:{run.port}\n" in said
    assert re.search(r"\w+@demo\.example", said)
    assert f"http://localhost:{run.port}/dev/inbox/" in said
    wait_until(run.is_ready, 60, run.said)

    before = run.pids()
    assert before.keys() == {"postgres", "valkey", "web", "worker", "beat", "meaning"}
    for name, pid in before.items():
        os.kill(pid, signal.SIGKILL)
        run.wait_for(f"{name} was ended by SIGKILL; starting it again", 20)
    wait_until(lambda: before.items().isdisjoint(run.pids().items()), 60, run.said)
    # Heartbeats from before are still fresh; newer ones have to come.
    healed_at = time.monotonic()
    wait_until(lambda: run.is_ready() and max(run.ages()) < time.monotonic() - healed_at - 1, 60, run.said)

    until_evening, time_of_meeting = run.ask(NEXT_MEETING).split()
    assert f"Tomorrow at {time_of_meeting}: you meet" not in run.inbox()
    everything = [psutil.Process(pid) for pid in run.pids().values()]
    everything += [child for process in everything for child in process.children(recursive=True)]
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(60) == 0
    assert all_gone(everything)
    assert run.said().rstrip().endswith("`make run` takes up where it was.")
    assert run.pids() == {}

    # Two minutes after that evening has come.
    evening = start(run.port, CLOCK_OFFSET=str(int(float(until_evening)) + 120))
    evening.wait_for("Peermentor is at")
    wait_until(lambda: f"Tomorrow at {time_of_meeting}: you meet" in evening.inbox(), 60, evening.inbox)


def test_a_second_start_from_the_same_folder_is_told_so(start):
    first = start()
    first.wait_for("Starting PostgreSQL and Valkey")
    second = start(first.port)
    assert second.process.wait(60) == 1
    assert f"Peermentor already runs from this folder (process {first.process.pid})." in second.said()
    assert first.process.poll() is None


def test_stopped_while_it_starts_it_leaves_nothing(start):
    run = start()
    run.wait_for("Bringing the database up to date")
    everything = psutil.Process(run.process.pid).children(recursive=True)
    assert everything
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(60) == 0
    assert all_gone(everything)


def test_a_taken_port_is_said_with_who_has_it_and_what_to_do(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = start(port)
        assert run.process.wait(60) == 1
    said = run.said()
    assert f"Port {port} is taken by process {os.getpid()} (" in said
    assert "or choose another port: PORT=" in said


@pytest.mark.parametrize("port", ["80x", "0", "70000"])
def test_a_port_that_is_none_is_said(start, port):
    run = start(port)
    assert run.process.wait(60) == 1
    assert "PORT is a number from 1 to 65535" in run.said()
    assert "Traceback" not in run.said()
