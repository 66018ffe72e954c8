from .candidates import Candidate, Pricing, Searchable
from .cards import Card, CardMail, GuestSide, RefusedAddress
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove
from .marks import Mark
from .presences import Presence
from .proposals import Proposal, ProposalChoice
from .reports import Report
from .watches import Shown, Watch

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
    "Presence",
    "Pricing",
    "Proposal",
    "ProposalChoice",
    "Reading",
    "RefusedAddress",
    "Report",
    "Searchable",
    "Shown",
    "Watch",
]
