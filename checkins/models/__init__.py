"""What became of meetings, what each party logged, what is planned to be told, and whose calendar may read along."""

from .checkins import CheckIn
from .feeds import CalendarFeed
from .fits import FitAnswer
from .meetings import Meeting, Pause
from .plans import Plan
from .silences import Silence

__all__ = ["CalendarFeed", "CheckIn", "FitAnswer", "Meeting", "Pause", "Plan", "Silence"]
