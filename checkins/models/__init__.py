"""What became of meetings, what each party logged, what is planned to be told, and whose calendar may read along."""

from .checkins import CheckIn
from .feeds import CalendarFeed
from .meetings import Meeting, Pause
from .plans import Plan

__all__ = ["CalendarFeed", "CheckIn", "Meeting", "Pause", "Plan"]
