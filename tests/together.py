"""Several people, or several tabs of one, at the very same moment."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Start all acts at one moment, each on a connection of its own; return what each gave, or its exception."""
    barrier = threading.Barrier(len(acts), timeout=30)

    def run(act: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts))


class Crowd:
    """So many people who do something at one moment, again and again, each on a connection that stays open."""

    def __init__(self, size: int) -> None:
        self.barrier = threading.Barrier(size, timeout=30)
        self.pool = ThreadPoolExecutor(max_workers=size)
        self.overlapped = False

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_error: object) -> None:
        list(self.pool.map(lambda _each: self._leave(), range(self.barrier.parties)))
        self.pool.shutdown()

    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        """Return what each gave, or its exception; `overlapped` says whether all were truly under way at one time."""
        done = list(self.pool.map(self._run, acts))
        self.overlapped = max(began for began, _ended, _outcome in done) < min(
            ended for _began, ended, _outcome in done
        )
        return [outcome for _began, _ended, outcome in done]

    def _run(self, act: Callable[[], Any]) -> tuple[float, float, Any]:
        connection.ensure_connection()
        self.barrier.wait()
        began = time.perf_counter()
        try:
            outcome = act()
        except Exception as error:
            outcome = error
        return began, time.perf_counter(), outcome

    def _leave(self) -> None:
        self.barrier.wait()
        connection.close()
