from .candidates import Candidate, Pricing
from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove

__all__ = ["AgendaTick", "Candidate", "Introduction", "IntroductionMove", "Message", "Pricing", "Reading"]
