from .candidates import Candidate, Pricing
from .cards import Card, CardMail, GuestSide, RefusedAddress
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove
from .marks import Mark

__all__ = [
    "AgendaTick",
    "Candidate",
    "Card",
    "CardMail",
    "GuestSide",
    "Introduction",
    "IntroductionMove",
    "Mark",
    "Message",
    "Pricing",
    "Reading",
    "RefusedAddress",
]
