"""What beat asks for on behalf of contracts. Each may run twice, at once, or late."""

from celery import shared_task

from contracts.actions import blocks, departures


@shared_task(ignore_result=True)
def heal() -> None:
    """End what a block has severed by another door, and tell those whose partner has left."""
    blocks.sever_the_blocked()
    departures.tell()
