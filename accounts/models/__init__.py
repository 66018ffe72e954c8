from .blocks import Block
from .drafts import Draft
from .goals import Goal
from .listings import Listing
from .notices import Notice
from .profiles import Profile
from .topics import Topic, TopicAlias
from .users import User

__all__ = ["Block", "Draft", "Goal", "Listing", "Notice", "Profile", "Topic", "TopicAlias", "User"]
