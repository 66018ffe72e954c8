"""What beat asks for on behalf of accounts. Each may run twice, at once, or late."""

import logging
import time

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts import notices
from accounts.actions import housekeeping, profiles

log = logging.getLogger(__name__)

BATCH = 40
SEND_FOR_SECONDS = 20
HELP_EXPIRES_SECONDS = 10


@shared_task(ignore_result=True)
def send_due() -> None:
    """Send what is due until nothing is, or the time of this tick is up: the next one goes on.

    When there is more than one batch another is asked to help, who may do the same, until all slots of all workers are
    busy. Nobody waits for help, and nothing is lost without it.
    """
    until = time.monotonic() + SEND_FOR_SECONDS
    has_help = False
    while time.monotonic() < until:
        drained = notices.drain(BATCH)
        if not drained.claimed or drained.is_server_away:
            return
        if drained.claimed == BATCH and not has_help:
            has_help = True
            _ask_for_help()


def _ask_for_help() -> None:
    try:
        send_due.apply_async(expires=HELP_EXPIRES_SECONDS)
    except OperationalError as error:
        log.info("Nobody can be asked to help sending: %s", error)


@shared_task(ignore_result=True)
def purge() -> None:
    """Delete what has had its time."""
    housekeeping.purge()


@shared_task(ignore_result=True)
def refresh_week_hours() -> None:
    """Follow the zones in which daylight saving has begun or ended."""
    profiles.refresh_hours()
