"""One member keeps another away, or lets them be seen again."""

from django.db import transaction

from accounts.models import Block, User
from accounts.rules import constraints_speak


def block(*, by: User, member: User) -> None:
    """Neither sees the other from now on; the blocked member is not told. Doing it twice changes nothing."""
    with constraints_speak(), transaction.atomic():
        Block.objects.get_or_create(blocker=by, blocked=member)


def unblock(*, by: User, member_id: int) -> None:
    """Lift a block of one's own. The other's block, if there is one, stays."""
    Block.objects.filter(blocker=by, blocked_id=member_id).delete()
