from .candidates import Candidate, Pricing
from .cards import Card, CardMail, GuestSide, RefusedAddress
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove
from .marks import Mark
from .proposals import Proposal, ProposalChoice
from .reports import Report

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
    "Proposal",
    "ProposalChoice",
    "Reading",
    "RefusedAddress",
    "Report",
]
