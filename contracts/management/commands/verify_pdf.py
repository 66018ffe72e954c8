from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.uploads import MOST
from contracts.verifying import verify


class Command(BaseCommand):
    help = "Says whether a PDF is a sealed copy of ours, whole and unchanged, who signed it when, and whether it holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_arguments: object, file: Path, **_options: Any) -> None:
        try:
            if file.stat().st_size > MOST:
                raise CommandError(f"{file} is larger than 10 MB: a sealed copy never is.")
            answer = verify(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        if not answer.is_good:
            raise CommandError(f"{file}: {answer.verdict.value}.")
        self.stdout.write(f"{file}: {answer.verdict.value}, between {' and '.join(answer.names)}.")
        for each in answer.signed:
            self.stdout.write(f"Signed by {each.name}, {each.at.isoformat()}.")
        held = answer.standing.value if answer.standing else "unknown here"
        self.stdout.write(f"Fingerprint {answer.sha256}: {held}.")
