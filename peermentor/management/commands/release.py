from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Brings the database to this version: migrations, the table of the cache, the list of topics."

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable", verbosity=options["verbosity"])
        call_command("load_topics", verbosity=options["verbosity"])
