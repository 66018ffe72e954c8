"""Scripts in Node with which a test, or a table of figures, talks line by line."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

SECONDS_TO_ANSWER = 60


def node() -> str:
    """Return where Node is: the machine's, or the one that was installed beside this Python."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found, "The front end is built with Node, so there is one."
    return found


class Script:
    """A script in a process of Node. `script("insert", text=…)` sends it a command and returns the answer."""

    def __init__(self, path: Path, *arguments: str, seconds: float = SECONDS_TO_ANSWER) -> None:
        self._seconds = seconds
        self._process = subprocess.Popen(
            [node(), str(path), *arguments],
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
        self._answers.put('{"error": "the script ended"}')

    def __call__(self, do: str, **what: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._answers.get(timeout=self._seconds))
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(timeout=10)
        self._listener.join(timeout=10)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()

    def __enter__(self) -> "Script":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
