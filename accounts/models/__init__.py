from .blocks import Block
from .drafts import Draft
from .goals import Goal
from .listings import Listing
from .mail import MailChoices
from .notices import Notice
from .profiles import Profile
from .topics import Topic, TopicAlias
from .users import User

__all__ = ["Block", "Draft", "Goal", "Listing", "MailChoices", "Notice", "Profile", "Topic", "TopicAlias", "User"]
