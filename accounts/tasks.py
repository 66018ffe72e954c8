"""What beat asks for on behalf of accounts. Each may run twice, at once, or late."""

import time

from celery import shared_task

from accounts import notices
from accounts.actions import housekeeping, profiles

SEND_FOR_SECONDS = 20


@shared_task(ignore_result=True)
def send_due() -> None:
    """Send what is due until nothing is, or the time of this tick is up: the next one goes on."""
    until = time.monotonic() + SEND_FOR_SECONDS
    while time.monotonic() < until:
        drained = notices.drain()
        if not drained.claimed or drained.is_server_away:
            return


@shared_task(ignore_result=True)
def purge() -> None:
    """Delete what has had its time."""
    housekeeping.purge()


@shared_task(ignore_result=True)
def refresh_week_hours() -> None:
    """Follow the zones in which daylight saving has begun or ended."""
    profiles.refresh_hours()
