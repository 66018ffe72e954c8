import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from peermentor.communities import files


class Command(BaseCommand):
    help = "Brings in a community from a file of JSON lines (docs/communities.md); - reads what is piped in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LAPTOP:
            raise CommandError("Members from a file are for a machine of your own. Set DEBUG=1 if this is one.")
        name = options["file"]
        try:
            if name == "-":
                loaded = files.load(sys.stdin)
            else:
                with Path(name).open(encoding="utf-8") as lines:
                    loaded = files.load(lines)
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise CommandError(f"{name} is no text in UTF-8.") from None
        except files.Wrong as error:
            raise CommandError(f"{error} Nothing was loaded.") from None
        self.stdout.write(
            f"{len(loaded.members):,} members, {loaded.topics:,} topics, {loaded.similar:,} similar pairs, "
            f"{loaded.blocks:,} blocks."
        )
