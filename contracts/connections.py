"""The connections of sockets to the database: a few threads, each with one that it keeps while there is work.

To fetch one from the pool for each update, look whether it lives and give it back costs as much as the update itself.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection

# Half of the pool (settings.DATABASES): pages have the other.
THREADS = 8
KEPT_FOR = 30.0
"""Seconds. After a longer rest the pool is asked again, which looks whether a connection lives."""

_threads = ThreadPoolExecutor(THREADS, "draft")
_here = threading.local()
_failures = 0
"""How often the database has failed one of the threads: then no connection is trusted any more."""


async def in_thread(act: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Do something in the database, in any of the threads: in one for all, each would wait for all the others."""
    return await asyncio.get_running_loop().run_in_executor(_threads, partial(_do, act, *args, **options))


def _do(act: Callable[..., Any], *args: Any, **options: Any) -> Any:
    global _failures
    now = time.monotonic()
    if getattr(_here, "failures", 0) != _failures or now - getattr(_here, "used_at", 0.0) > KEPT_FOR:
        connection.close()
    _here.failures, _here.used_at = _failures, now
    try:
        return act(*args, **options)
    except (OperationalError, InterfaceError):
        _failures += 1
        raise
