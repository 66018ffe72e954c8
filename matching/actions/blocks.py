"""One member keeps another away, and what is open between the two ends."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import blocks
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from matching.actions.introductions import end_silently
from matching.actions.pairs import lock_pair
from matching.models import Introduction
from matching.models.introductions import OPEN_STATES


def block(*, by: User, member: User) -> None:
    """Neither sees the other from now on; their open introduction ends, and neither is told. Twice changes nothing."""
    with constraints_speak(), transaction.atomic():
        if member.pk not in lock_pair(by.pk, member.pk):
            raise Refused(_("This member has left."))
        for introduction in Introduction.objects.between(by, member).filter(state__in=OPEN_STATES):
            end_silently(introduction=introduction)
        blocks.block(by=by, member=member)
