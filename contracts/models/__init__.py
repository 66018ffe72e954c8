"""The agreement of two members: its parties and state, its text as it is edited, and what was signed."""

from .comments import Comment
from .contracts import Contract
from .events import Event
from .log import DraftSnapshot, DraftUpdate
from .sealed import SealedFile
from .stretches import StretchReview
from .texts import Edit, Signature, Version
from .trail import AuditEvent

__all__ = [
    "AuditEvent",
    "Comment",
    "Contract",
    "DraftSnapshot",
    "DraftUpdate",
    "Edit",
    "Event",
    "SealedFile",
    "Signature",
    "StretchReview",
    "Version",
]
