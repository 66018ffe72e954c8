"""What became of meetings, what each party logged and answered, what is planned to be told, and whose calendar may
read along.
"""

from .calls import Tick
from .checkins import CheckIn
from .feeds import CalendarFeed
from .meetings import Meeting, Pause
from .plans import Plan
from .pushes import Push
from .replies import Reply

__all__ = ["CalendarFeed", "CheckIn", "Meeting", "Pause", "Plan", "Push", "Reply", "Tick"]
