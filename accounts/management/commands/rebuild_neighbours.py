from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from accounts.actions.meaning import rebuild
from accounts.meaning.engines import ENGINES, chosen


class Command(BaseCommand):
    help = "Works out anew which topics are near in meaning. Safe to run again: what is right is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--engine",
            choices=list(ENGINES),
            default="",
            help="else that of TOPIC_ENGINE; the process `meaning` goes back to that one",
        )

    def handle(self, *args: object, **options: object) -> None:
        engine = chosen(str(options["engine"]))
        done = rebuild(engine)
        self.stdout.write(
            f"{done.rows} neighbours by {engine.version}: {done.written} written, {done.deleted} deleted."
        )
