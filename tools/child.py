"""One process of ours: in a session of its own, its words in a file, ended when we end, however we end."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psutil

LOG_LIMIT = 5_000_000  # bytes; then the log moves to NAME.log.1 and begins anew
PR_SET_PDEATHSIG = 1

# Loaded before any fork: a child between fork and exec must not import.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def end_with_my_parent(with_signal: int) -> None:
    """Let the kernel send us `with_signal` when our parent is gone (Linux only)."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)


def ended_with_its_parent(with_signal: int) -> Callable[[], None]:
    """What a forked child calls so that the kernel sends it `with_signal` when its parent is gone (Linux only)."""
    parent = os.getpid()

    def in_the_child() -> None:
        end_with_my_parent(with_signal)
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


class Child:
    """A process that can be started, watched, stopped and started again.

    A session of its own keeps the terminal's Ctrl-C away from it: who stops it, and when, is for us to say.
    Its pid and birthday are kept in a file of `notes`, so that the next start finds it if we were killed.
    """

    def __init__(
        self,
        name: str,
        argv: list[str],
        *,
        log: Path,
        notes: Path,
        env: dict[str, str],
        cwd: Path,
        user: tuple[int, int] | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> None:
        self.name, self.argv, self.log, self.env, self.cwd = name, argv, log, env, cwd
        self.user, self.stop_signal = user, stop_signal
        self.note = notes / f"{name}.json"
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    def start(self) -> None:
        """Start it. Raises OSError when the program cannot be run."""
        for folder in (self.log.parent, self.note.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.trim_log()
        # A file, not a pipe: if nobody reads a pipe, its writer hangs.
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=ended_with_its_parent(self.stop_signal),
                user=self.user[0] if self.user else None,
                group=self.user[1] if self.user else None,
                extra_groups=[] if self.user else None,
            )
        self.started_at = time.monotonic()
        try:
            born = psutil.Process(self.process.pid).create_time()
        except psutil.NoSuchProcess:
            return
        # Whole or not at all: whoever reads it meanwhile finds no half of it.
        draft = self.note.with_suffix(".new")
        draft.write_text(json.dumps({"pid": self.process.pid, "born": born}))
        draft.replace(self.note)

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def trim_log(self) -> None:
        """Keep the log short. It is emptied in place, since its process goes on writing to the same file."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        """In words, after `is_running()` said no."""
        code = self.process.returncode if self.process else None
        if code is None:
            return "did not start"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def ended_by_itself(self) -> bool:
        """Whether it ended with a fault of its own, not by a signal from outside."""
        return self.process is not None and (self.process.returncode or 0) > 0

    def stop(self, *, patience: float = 10) -> None:
        """Ask it to stop; after `patience` seconds end it, and whatever it has left behind."""
        if self.process is not None:
            if self.is_running():
                self.process.send_signal(self.stop_signal)
                try:
                    self.process.wait(patience)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            self.clear()
        self.note.unlink(missing_ok=True)

    def clear(self) -> None:
        """End what a dead child has left in its session, such as the pool processes of a killed worker."""
        if self.pid is not None:
            end_session(self.pid, born=None, patience=0)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log, to be shown beside a sentence about its failure."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8000))
            text = log.read().decode(errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def in_session(session: int) -> list[psutil.Process]:
    """All living processes of a session."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (OSError, psutil.Error):
            continue  # it ended while we looked
    return found


def end_session(
    leader: int, *, born: float | None, stop_signal: int = signal.SIGTERM, patience: float
) -> list[psutil.Process]:
    """End every process of the session that `leader` began; return those that were there.

    With `born`, only if the leader is still that process: numbers are given out again, though not while in use.
    """
    with suppress(psutil.NoSuchProcess):  # the leader may be gone, and its session not
        if born is not None and abs(psutil.Process(leader).create_time() - born) > 1:
            return []
    left = in_session(leader)
    if patience > 0:
        _signal(left, stop_signal)
        _, alive = psutil.wait_procs(left, timeout=patience)
    else:
        alive = left
    _signal(alive, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=5)
    return left


def _signal(processes: Iterable[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def end_orphans(notes: Path) -> list[str]:
    """End what a start before us left running, by the notes it kept; return the names of what was there."""
    ended = []
    for note in sorted(notes.glob("*.json")):
        try:
            kept = json.loads(note.read_text())
            pid, born = int(kept["pid"]), float(kept["born"])
        except (ValueError, KeyError, TypeError):
            note.unlink(missing_ok=True)
            continue
        # SIGINT is PostgreSQL's fast shutdown; SIGTERM would make it wait for its clients.
        stop_signal = signal.SIGINT if note.stem == "postgres" else signal.SIGTERM
        if end_session(pid, born=born, stop_signal=stop_signal, patience=8):
            ended.append(note.stem)
        note.unlink(missing_ok=True)
    return ended
