"""What became of meetings, what each party logged, and what is planned to be told."""

from .checkins import CheckIn
from .meetings import Meeting, Pause
from .plans import Plan

__all__ = ["CheckIn", "Meeting", "Pause", "Plan"]
