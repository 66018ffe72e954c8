"""What became of meetings, what each party logged and answered, what is planned to be told, and whose calendar may
read along.
"""

from .calls import Tick
from .checkins import CheckIn
from .feeds import CalendarFeed
from .fits import FitAnswer
from .meetings import Meeting, Pause
from .plans import Plan
from .pushes import Push
from .replies import Reply
from .silences import Silence

__all__ = ["CalendarFeed", "CheckIn", "FitAnswer", "Meeting", "Pause", "Plan", "Push", "Reply", "Silence", "Tick"]
