from celery import shared_task
from django.core.management import call_command

from peermentor.heartbeats import WORK, answered


@shared_task
def heartbeat() -> None:
    """Shows that what beat asks for is done."""
    answered(WORK)


@shared_task
def housekeeping() -> None:
    """Removes what has expired: sessions that nobody can use any more."""
    call_command("clearsessions")
