"""Tabs that are not ours: Node processes with a plain y-websocket client."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import User
from contracts.models import Contract
from tests.browser.visits import Server

CLIENT = Path(__file__).with_name("client.mjs")
SECONDS_TO_ANSWER = 60


def node() -> str:
    """Return where Node is: the machine's, or the one that was installed beside this Python."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found, "The front end is built with Node, so there is one."
    return found


def cookie_of(person: User) -> str:
    """Log a member in; return the cookie that their browser would send."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return f"{cookie.key}={cookie.value}"


class Tab:
    """A client in a process of its own. `tab("insert", text=…, value=…)` sends a command and returns the answer."""

    def __init__(self, server: Server, contract: Contract, cookie: str, *, origin: str | None = None) -> None:
        url = f"{server.url.replace('http', 'ws', 1)}/ws/contracts/{contract.pk}/"
        self._process = subprocess.Popen(
            [node(), str(CLIENT), url, server.url if origin is None else origin, cookie],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ.get("PATH", "")},
        )
        self._answers: queue.Queue[str] = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)

    def __call__(self, do: str, **what: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._answers.get(timeout=SECONDS_TO_ANSWER))
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def settle(self) -> None:
        """Wait until all that was typed is acknowledged."""
        assert self("settled", seconds=20), self("seen")

    def close(self) -> None:
        self._process.kill()
        self._process.wait(timeout=10)
        self._listener.join(timeout=10)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
