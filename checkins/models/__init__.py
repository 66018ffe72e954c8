"""What became of meetings, what each logged, gave and got, what is planned to be told, whose calendar reads along."""

from .checkins import CheckIn
from .feeds import CalendarFeed
from .help import FineAsItIs, Help, Naming
from .meetings import Meeting, Pause
from .plans import Plan

__all__ = ["CalendarFeed", "CheckIn", "FineAsItIs", "Help", "Meeting", "Naming", "Pause", "Plan"]
