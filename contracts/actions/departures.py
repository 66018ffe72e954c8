"""A party left: the database has ended the contract, and the other hears of it."""

import datetime as dt

from django.db import transaction

from accounts.clock import Now
from contracts.actions.holding import tell as tell_party
from contracts.lifecycle import Side
from contracts.models import Event

WORTH_TELLING = dt.timedelta(days=7)


def tell() -> None:
    """Queue a mail to each whose partner has left lately. A second time it changes nothing."""
    left = Event.objects.filter(kind=Event.Kind.LEFT, at__gt=Now() - WORTH_TELLING, version=None)
    for event in left.select_related("contract__first", "contract__second"):
        with transaction.atomic():
            tell_party(event.contract, "left", to=Side(event.by).other, event=event)
