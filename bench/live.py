"""What the tables of live editing stand on: durable servers, clients in Node, and the plain y-websocket server."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.rows import Row
from tests.contracts.live.scripts import Script, node

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = Path(__file__).with_name("clients")
PLAIN = ROOT / "node_modules" / "@y" / "websocket-server" / "dist" / "server.cjs"


def rows_of_own_process(module: str) -> Iterator[Row]:
    """Run `python -m MODULE` on servers of its own, as `make run` has them: an answered COMMIT is on the disk.

    Those of the other tables do not wait for the disk. The module writes its rows to the file that ROWS names.
    """
    from tools.services import Services

    with tempfile.TemporaryDirectory(prefix="peermentor-bench-") as folder:
        without = {name: said for name, said in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        services = Services(Path(folder) / "services", durable=True, environment=without)
        written = Path(folder) / "rows.json"
        try:
            services.start()
            environment = {**services.environment, "ROWS": str(written), "DEBUG": "1"}
            subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=environment, check=True)
        finally:
            services.stop()
        for said in json.loads(written.read_text()):
            yield Row(**said)


def write_rows(rows: Iterator[Row]) -> None:
    """In the process of its own: measure, say each row at once, and hand them over."""
    found = []
    for row in rows:
        print("  ", *filter(None, row.cells()), flush=True)
        found.append(vars(row))
    if "ROWS" in os.environ:
        Path(os.environ["ROWS"]).write_text(json.dumps(found))


class Clients(Script):
    """A Node process with clients. `clients("edit", …)` sends it a command and returns the answer."""

    def __init__(self, script: str, *, seconds: float = 300) -> None:
        super().__init__(CLIENTS / script, seconds=seconds)


class Plain:
    """The server that y-websocket comes with: it keeps each document in its memory, and acknowledges nothing."""

    def __init__(self) -> None:
        from tools.places import free_port

        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:

        self._process = subprocess.Popen(
            [node(), str(PLAIN)],
            env={"PATH": os.environ.get("PATH", ""), "HOST": "127.0.0.1", "PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/", timeout=5):
                    return
            except OSError:
                assert time.monotonic() < deadline, "The plain server did not start."
                time.sleep(0.02)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


@contextmanager
def plain_server() -> Iterator[Plain]:
    plain = Plain()
    try:
        plain.start()
        yield plain
    finally:
        plain.kill()


@contextmanager
def two_processes() -> Iterator[list[Any]]:
    """Two web processes as in production, on our database."""
    from tests.serving import serving

    with tempfile.TemporaryDirectory(prefix="peermentor-web-") as folder, serving(Path(folder), count=2) as webs:
        yield webs


def address_of(web: Any) -> str:
    """Return where its sockets are, without the contract's number."""
    return str(web.server.url.replace("http", "ws", 1)) + "/ws/contracts"
