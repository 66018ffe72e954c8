"""What beat asks for on behalf of matching. Each may run twice, at once, or late."""

from celery import shared_task

from matching import pricing
from matching.actions import candidates, guests, introductions, proposals, reports, watches


@shared_task(ignore_result=True)
def lapse_introductions() -> None:
    """Mark the invitations that nobody answered in time, and the proposals of which nothing came."""
    introductions.lapse_all()
    proposals.lapse_all()


@shared_task(ignore_result=True)
def reprice() -> None:
    """Let those who were shown often come later."""
    pricing.reprice()


@shared_task(ignore_result=True)
def forget_guests() -> None:
    """Delete the addresses to which cards have gone, and what guests typed whose time is over."""
    guests.forget()


@shared_task(ignore_result=True)
def forget_who_left() -> None:
    """Delete the empty rows of members who left a day ago, and the reports that were answered a year ago."""
    candidates.forget_who_left()
    reports.forget_answered()


@shared_task(ignore_result=True)
def tell_who_fits() -> None:
    """Tell those who asked for it of people who newly fit them."""
    watches.tell_all()
