from .candidates import Candidate, Pricing
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove
from .marks import Mark
from .proposals import Proposal, ProposalChoice
from .reports import Report

__all__ = [
    "AgendaTick",
    "Candidate",
    "Introduction",
    "IntroductionMove",
    "Mark",
    "Message",
    "Pricing",
    "Proposal",
    "ProposalChoice",
    "Reading",
    "Report",
]
