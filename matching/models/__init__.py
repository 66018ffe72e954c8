from .candidates import Candidate, Pricing, Searchable
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove
from .marks import Mark
from .presences import Presence
from .watches import Shown, Watch

__all__ = [
    "AgendaTick",
    "Candidate",
    "Introduction",
    "IntroductionMove",
    "Mark",
    "Message",
    "Presence",
    "Pricing",
    "Reading",
    "Searchable",
    "Shown",
    "Watch",
]
