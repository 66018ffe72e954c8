"""What beat and the actions ask for on behalf of contracts. Each may run twice, at once, or late."""

from celery import shared_task

from contracts.actions import blocks, commenting, departures, drafting, sealing


@shared_task(ignore_result=True)
def heal() -> None:
    """End what a block has severed by another door, tell those whose partner has left, drop what was taken back."""
    blocks.sever_the_blocked()
    departures.tell()
    commenting.forget_taken_back()


@shared_task(ignore_result=True)
def read_drafts() -> None:
    """Read what was typed, so that home and history say it although nobody has opened the draft since."""
    drafting.catch_up_all()


@shared_task(ignore_result=True)
def forget_logs() -> None:
    """Let the keystrokes of contracts go that ended long ago."""
    drafting.forget_old_logs()


@shared_task(ignore_result=True)
def seal(version_id: int) -> None:
    """Seal what both have just signed."""
    sealing.seal(version_id)


@shared_task(ignore_result=True)
def seal_all() -> None:
    """Seal what should have been sealed."""
    sealing.sweep()
