import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts.meaning.answering import Answerer


class Command(BaseCommand):
    help = "Finds topics by what is meant, for the web processes, and keeps the neighbours right, until interrupted."

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        Answerer().run()
