"""What beat asks for on behalf of matching. Each may run twice, at once, or late."""

from celery import shared_task

from matching import pricing
from matching.actions import candidates, introductions, watches


@shared_task(ignore_result=True)
def lapse_introductions() -> None:
    """Mark the invitations that nobody answered in time."""
    introductions.lapse_all()


@shared_task(ignore_result=True)
def reprice() -> None:
    """Let those who were shown often come later."""
    pricing.reprice()


@shared_task(ignore_result=True)
def forget_who_left() -> None:
    """Delete the empty rows of members who left a day ago."""
    candidates.forget_who_left()


@shared_task(ignore_result=True)
def tell_who_fits() -> None:
    """Tell those who asked for it of people who newly fit them."""
    watches.tell_all()
