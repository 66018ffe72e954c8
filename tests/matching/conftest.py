import uuid

from accounts.models import User
from matching.actions.conversations import send_message
from matching.actions.introductions import accept, invite
from matching.models import Introduction, Message

RHYTHM = {"every_weeks": 1, "minutes": 60, "weeks": 8}
NOTE = "I can read your drafts, and my books are a mess."


def invitation(by: User, to: User, note: str = NOTE, **rhythm: int) -> Introduction:
    return invite(by=by, member_id=to.pk, note=note, **{**RHYTHM, **rhythm})


def conversation(one: User, other: User) -> Introduction:
    """Return an accepted introduction of the two."""
    return accept(by=other, introduction_id=invitation(one, other).pk, seen_move=1)


def write(introduction: Introduction, by: User, text: str = "Hello") -> Message:
    return send_message(by=by, introduction_id=introduction.pk, text=text, token=uuid.uuid4())
