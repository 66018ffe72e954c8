"""Web processes as `make run` has them, on the database of the tests."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection

from tests.browser.visits import Server
from tools.places import free_port

SECONDS_TO_START = 60


class Web:
    """A web process that can be killed and started again at the same address."""

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
            pytest.fail(
                "There are no static files: `make test` builds them, and so does `python3 tools/setup.py develop`."
            )
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        port = port or free_port()
        environment = {
            **os.environ,
            "DEBUG": "1",
            "DATABASE_URL": address,
            "DATA_DIR": str(folder),
            "EMAIL_URL": "",
            "PORT": str(port),
        }
        environment.pop("HOST", None)
        self.server = Server(f"http://localhost:{port}", environment, folder / f"web-{port}.log")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, waits: bool = True) -> None:
        with self.server.log.open("ab") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "peermentor.processes", "web"],
                cwd=settings.BASE_DIR,
                env=self.server.environment,
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        if waits:
            self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        assert self._process is not None
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                with urlopen(f"{self.server.url}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"The server did not start:\n{self.server.log.read_text()}")
                time.sleep(0.1)

    def kill(self) -> None:
        """End it as a lost machine would."""
        self.stop(signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=20)
            self._process = None


@contextlib.contextmanager
def serving(folder: Path, *, count: int = 1) -> Iterator[list[Web]]:
    """Start so many web processes beside each other, and end them."""
    webs = [Web(folder) for _each in range(count)]
    try:
        for web in webs:
            web.start(waits=False)
        for web in webs:
            web.wait()
        yield webs
    finally:
        for web in webs:
            web.stop()
