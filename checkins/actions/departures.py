"""What somebody wrote about a meeting goes with them when they leave."""

from django.db.models import Q

from checkins.models import Meeting, Pause
from contracts.lifecycle import Side


def forget_notes() -> None:
    """Empty the notes of those who have left. The meeting itself is the other's as well, and stays."""
    for side, party in ((Side.FIRST, "contract__first"), (Side.SECOND, "contract__second")):
        left = Q(**{f"{party}__isnull": True}) & ~Q(note="")
        Meeting.objects.filter(left, changed_by=side).update(note="")
        Pause.objects.filter(left, said_by=side).update(note="")
