"""The database goes away for a moment, and comes back."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import connection


class Line:
    """The wire to PostgreSQL: a port of this machine that leads there, and can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_cut = False
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        while self.ends:
            self._hang_up(self.ends.pop())

    def mend(self) -> None:
        self.is_cut = False

    def _listen(self) -> None:
        while True:
            here, _address = self.listener.accept()
            if self.is_cut:
                here.close()
                continue
            there = socket.create_connection(self.server)
            self.ends += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                other.sendall(said)
        self._hang_up(one)
        self._hang_up(other)

    @staticmethod
    def _hang_up(end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@pytest.fixture
def line() -> Line:
    settings = connection.settings_dict
    return Line(settings["HOST"], int(settings["PORT"]))


@pytest.fixture
def site(transactional_db, line) -> Iterator[str]:
    """The address of a web process whose database is at the other end of the line."""
    settings = connection.settings_dict
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    database = f"postgres://{settings['USER']}:{settings['PASSWORD']}@127.0.0.1:{line.port}/{settings['NAME']}"
    web = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "peermentor.asgi:application", "--port", str(port), "--lifespan", "off"],
        env={**os.environ, "DATABASE_URL": database},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: ask(f"{address}/healthz")[0] == 200, seconds=60)
        yield address
    finally:
        web.terminate()
        web.wait(30)


def ask(address: str) -> tuple[int, str, str | None]:
    """Return status, page and Retry-After as a browser with an old session gets them; 0 when nobody answers."""
    request = urllib.request.Request(address, headers={"Cookie": "sessionid=of-some-other-day"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), None
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers.get("Retry-After")
    except OSError:
        return 0, "", None


def until(is_so, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_an_outage_says_come_back_soon_and_ends_by_itself(site, line):
    assert ask(f"{site}/")[0] == 200
    line.cut()
    for path in ("/", "/accounts/login/", "/partners/"):
        status, page, retry_after = ask(f"{site}{path}")
        assert (path, status, retry_after) == (path, 503, "5")
        assert "<h1>" in page
    line.mend()
    until(lambda: ask(f"{site}/")[0] == 200, seconds=10)
