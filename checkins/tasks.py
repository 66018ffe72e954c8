"""What beat asks for on behalf of checkins. Each may run twice, at once, or late."""

from celery import shared_task

from checkins.actions import planning, silence


@shared_task(ignore_result=True)
def plan_notices() -> None:
    """Plan what is to be told in the next two weeks."""
    planning.plan_all()


@shared_task(ignore_result=True)
def look_after_the_silent() -> None:
    """Ask pairs of which nothing is heard whether they still meet; pause and close them, when their time comes."""
    silence.look_after_all()
