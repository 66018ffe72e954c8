"""A member keeps somebody in mind, or would rather not be suggested them. It is theirs alone, and can be undone."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.clock import Now
from accounts.models import Profile, User
from accounts.rules import Refused, constraints_speak
from matching.models import Mark

MOST_MARKS = 2_000


def mark(*, by: User, member_id: int, kind: str) -> Mark:
    """Mark a member that `by` sees; of two marks the last counts. Raises Profile.DoesNotExist for who is not seen."""
    with constraints_speak(), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        Profile.objects.others_for(by).get(pk=member_id)
        if Mark.objects.owned_by(by).exclude(other=member_id).count() >= MOST_MARKS:
            raise Refused(_("You have kept or set aside a great many. Let some of them go first."))
        marked, _created = Mark.objects.update_or_create(
            member=by, other_id=member_id, defaults={"kind": kind, "marked_at": Now()}
        )
    return marked


def unmark(*, by: User, member_id: int) -> None:
    """Take a mark away. Doing it twice changes nothing."""
    Mark.objects.owned_by(by).filter(other=member_id).delete()
