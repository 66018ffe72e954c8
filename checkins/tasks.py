"""What beat asks for on behalf of checkins. Each may run twice, at once, or late."""

from celery import shared_task

from checkins.actions import planning


@shared_task(ignore_result=True)
def plan_notices() -> None:
    """Plan what is to be told in the next two weeks."""
    planning.plan_all()
