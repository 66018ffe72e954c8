"""Several people, or several tabs of one, at the very same moment."""

import threading
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
