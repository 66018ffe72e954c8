from .conversations import AgendaTick, Message, Reading
from .introductions import Introduction, IntroductionMove

__all__ = ["AgendaTick", "Introduction", "IntroductionMove", "Message", "Reading"]
