import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from contracts.sealing import keys


class Command(BaseCommand):
    help = (
        "Makes the key and the certificate that seal signed contracts: two new files, named by SEAL_KEY and SEAL_CERT"
        " or by --key and --cert. With --earlier the certificate file also holds those that were ours before."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", type=Path, default=Path(settings.SEAL_KEY))
        parser.add_argument("--cert", type=Path, default=Path(settings.SEAL_CERT))
        parser.add_argument("--name", default=f"Seal of {settings.MAIL_DOMAIN}", help="The name on the certificate.")
        parser.add_argument("--days", type=int, default=keys.LASTS.days, help="For how many days it is valid.")
        parser.add_argument("--earlier", type=Path, help="The file of the certificates so far.")

    def handle(
        self, *_arguments: object, key: Path, cert: Path, name: str, days: int, earlier: Path | None, **_options: Any
    ) -> None:
        for file in (key, cert):
            if file.exists():
                raise CommandError(
                    f"{file} is there already. What it has sealed would be sealed by a stranger without it."
                )
            file.parent.mkdir(parents=True, exist_ok=True)
        if not 1 <= days <= 3650:
            raise CommandError("--days is between 1 and 3650.")
        try:
            before = keys.load(earlier) if earlier else []
        except keys.NoSeal as fault:
            raise CommandError(str(fault)) from fault
        made = keys.make(name, lasts=dt.timedelta(days=days))
        keys.write(made, key, cert, earlier=before)
        until = made.certificate.not_valid_after_utc.date().isoformat()
        self.stdout.write(f"Made {key} (keep it secret) and {cert}, valid until {until}.\nSHA-256 {made.fingerprint}")
