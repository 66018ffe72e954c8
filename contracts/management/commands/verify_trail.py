from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import ngettext

from contracts import trail
from contracts.models import Contract


class Command(BaseCommand):
    help = "Walks the audit trail of a contract, or of all, and says the first place of each where it was altered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contract", nargs="?", type=int, help="The number of a contract; without it, all of them.")

    def handle(self, *_arguments: object, contract: int | None, **_options: Any) -> None:
        chosen = Contract.objects.order_by("pk")
        if contract is not None:
            chosen = chosen.filter(pk=contract)
        count = altered = 0
        for each in chosen.iterator(chunk_size=200):
            count += 1
            if fault := trail.read(each).fault:
                altered += 1
                self.stdout.write(f"Contract {each.pk}, link {fault.number}: {fault.sentence}")
        if contract is not None and not count:
            raise CommandError(f"There is no contract {contract}.")
        if altered:
            said = "%(altered)s of %(count)s trails is not as it was written."
            many = "%(altered)s of %(count)s trails are not as they were written."
            raise CommandError(ngettext(said, many, altered) % {"altered": altered, "count": count})
        self.stdout.write(
            ngettext("%(count)s trail is whole.", "%(count)s trails are whole.", count) % {"count": count}
        )
