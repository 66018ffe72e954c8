"""Sends the notices that are due, without Celery; beside it, if need be."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from accounts import notices

PAUSE_SECONDS = 2


class Command(BaseCommand):
    help = "Send the notices that are due. With --loop, go on doing so until interrupted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until interrupted")

    def handle(self, *args: Any, loop: bool, **options: Any) -> None:
        stop = threading.Event()
        if loop:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            drained = self._drain(must_work=not loop)
            if drained.is_server_away:
                self.stderr.write("The mail server cannot be reached; what is due waits for it.")
            if drained.claimed and not drained.is_server_away:
                continue
            if not loop:
                return
            stop.wait(PAUSE_SECONDS)

    def _drain(self, *, must_work: bool) -> notices.Drained:
        try:
            close_old_connections()
            return notices.drain()
        except Error as error:
            if must_work:
                raise
            self.stderr.write(f"The database does not answer: {error}")
            return notices.Drained()
