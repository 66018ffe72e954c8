"""What became of meetings, what each logged, gave and got, what is planned to be told, whose calendar reads along."""

from .calls import Tick
from .checkins import CheckIn
from .feeds import CalendarFeed
from .fits import FitAnswer
from .help import FineAsItIs, Help, Naming
from .meetings import Meeting, Pause
from .plans import Plan
from .pushes import Push
from .replies import Reply
from .silences import Silence

__all__ = [
    "CalendarFeed",
    "CheckIn",
    "FineAsItIs",
    "FitAnswer",
    "Help",
    "Meeting",
    "Naming",
    "Pause",
    "Plan",
    "Push",
    "Reply",
    "Silence",
    "Tick",
]
