import datetime as dt
import uuid

from django.db import connection

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


def advance(**time: float) -> None:
    """Let so much time go by, for this connection and until the test is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(nullif(current_setting('peermentor.clock_offset', true), ''), '0')")
        offset = float(cursor.fetchone()[0]) + dt.timedelta(**time).total_seconds()
        cursor.execute("SELECT set_config('peermentor.clock_offset', %s, false)", [str(int(offset))])
