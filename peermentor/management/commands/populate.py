import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from peermentor.communities.made_up import Rule, populate
from peermentor.communities.people import settle


class Command(BaseCommand):
    help = "Makes up a large community for measuring, the same for the same seed. docs/communities.md says how."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, required=True)
        parser.add_argument("--topics", type=int, default=0, help="made-up topics; 0, those that are there")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LAPTOP:
            raise CommandError("Made-up members are for a machine of your own. Set DEBUG=1 if this is one.")
        if options["members"] < 1 or options["topics"] < 0:
            raise CommandError("--members is 1 or more, --topics 0 or more.")
        began = time.monotonic()
        made = populate(Rule(options["members"], options["topics"], options["seed"]))
        settle()
        took = time.monotonic() - began
        self.stdout.write(f"{len(made):,} members in {took:.1f} s: the first is member {made[0]}, the last {made[-1]}.")
