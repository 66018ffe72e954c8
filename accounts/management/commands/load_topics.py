from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.actions.topics import TOPICS_FILE, load_topics, read_topics


class Command(BaseCommand):
    help = "Brings the list of topics into the database. Safe to run again, after every change of the file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, default=TOPICS_FILE, help="another list than accounts/data/topics.tsv")

    def handle(self, *args: object, **options: object) -> None:
        path = Path(str(options["file"]))
        try:
            entries = read_topics(path)
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        changes = load_topics(entries)
        if options["verbosity"]:
            self.stdout.write(
                f"{len(entries)} topics on the list: {len(changes.added)} added, {len(changes.changed)} changed, "
                f"{len(changes.adopted)} adopted from members' own words."
            )
