"""What a pair writes to each other, reads and ticks, while their introduction is accepted."""

import datetime as dt
import uuid
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from matching import letters
from matching.actions.pairs import hold
from matching.agenda import Item
from matching.lifecycle import State
from matching.models import AgendaTick, Introduction, Message, Reading

MOST_AN_HOUR = 60


def send_message(*, by: User, introduction_id: int, text: str, token: uuid.UUID) -> Message:
    """Write to the other. The same `token` again, as a double click sends it, gives the message that is there."""
    with constraints_speak(), transaction.atomic():
        introduction = _hold_open(by, introduction_id)
        sent = Message.objects.filter(token=token, author=by, introduction=introduction).first()
        if sent:
            return sent
        now = clock.now()
        # Both of a pair are locked, and so is the author in each of their conversations: the count holds.
        if Message.objects.filter(author=by, sent_at__gt=now - dt.timedelta(hours=1)).count() >= MOST_AN_HOUR:
            raise Refused(
                _("That is %(count)d messages within an hour. Perhaps it is time for a call? Go on a little later.")
                % {"count": MOST_AN_HOUR}
            )
        message = Message.objects.create(introduction=introduction, author=by, text=text, token=token, sent_at=now)
        letters.queue_unread(introduction, to=introduction.other(by), now=now)
    return message


def read(*, by: User, introduction_id: int, up_to: int) -> None:
    """Remember that the member has seen the messages up to this id. It never goes back."""
    mine = Reading.objects.filter(introduction_id=introduction_id, member=by)
    if mine.filter(read_up_to__gte=up_to).exists():
        return
    # Who left meanwhile, or was blocked, took the conversation along: nothing is left to remember.
    with suppress(Refused), transaction.atomic():
        introduction = hold(by, introduction_id)
        Reading.objects.get_or_create(introduction=introduction, member=by)
        mine.filter(read_up_to__lt=up_to).update(read_up_to=up_to)


def tick(*, by: User, introduction_id: int, item: str, is_done: bool) -> None:
    """Say for oneself that an item of the agenda is talked through, or that it is not."""
    with constraints_speak(), transaction.atomic():
        introduction = _hold_open(by, introduction_id)
        if is_done:
            ticked = AgendaTick(introduction=introduction, item=Item(item), member=by)
            AgendaTick.objects.bulk_create([ticked], ignore_conflicts=True)
        else:
            AgendaTick.objects.filter(introduction=introduction, item=item, member=by).delete()


def _hold_open(by: User, introduction_id: int) -> Introduction:
    introduction = hold(by, introduction_id)
    if introduction.state != State.ACCEPTED:
        raise Refused(_("This conversation is closed. What was written stays here to be read."))
    return introduction
