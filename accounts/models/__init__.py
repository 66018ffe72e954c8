from .blocks import Block
from .drafts import Draft
from .goals import Goal
from .listings import Listing
from .mail import MailChoices
from .meaning import Neighbourhood, PhraseVector, RefusedPair, TopicNeighbour
from .notices import Notice
from .profiles import Profile
from .topics import PendingAlias, Topic, TopicAlias
from .users import User

__all__ = [
    "Block",
    "Draft",
    "Goal",
    "Listing",
    "MailChoices",
    "Neighbourhood",
    "Notice",
    "PendingAlias",
    "PhraseVector",
    "Profile",
    "RefusedPair",
    "Topic",
    "TopicAlias",
    "TopicNeighbour",
    "User",
]
