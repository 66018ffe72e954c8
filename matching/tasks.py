"""What beat asks for on behalf of matching. Each may run twice, at once, or late."""

from celery import shared_task

from matching.actions import introductions


@shared_task(ignore_result=True)
def lapse_introductions() -> None:
    """Mark the invitations that nobody answered in time."""
    introductions.lapse_all()
