"""Two or three members, held for the length of a transaction: what happens between them happens one after the other."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import Refused
from matching.models import Introduction


def lock_pair(one_id: int, other_id: int) -> dict[int, User]:
    """Lock both members and return them by id, as `lock_members` does."""
    return lock_members(one_id, other_id)


def lock_members(*ids: int) -> dict[int, User]:
    """Lock these members, always in the same order, and return them by id. Inside a transaction.

    A member who has left is not among them. Who writes a row that points at a member is not held up by this lock; who
    deletes one is.
    """
    locked = User.objects.select_for_update(of=("self",), no_key=True).select_related("profile")
    return {user.pk: user for user in locked.filter(pk__in=set(ids)).order_by("pk")}


def hold(by: User, introduction_id: int) -> Introduction:
    """Lock the pair of an introduction and return it as it is then. Raises Refused if `by` does not see it any more."""
    ids = Introduction.objects.filter(Q(inviter=by) | Q(invited=by)).values_list("inviter_id", "invited_id")
    pair = ids.filter(pk=introduction_id).first()
    people = lock_pair(*pair) if pair else {}
    # Asked for only now: what was true before the lock may not be any more.
    introduction = Introduction.objects.visible_to(by).filter(pk=introduction_id).first()
    if introduction is None or len(people) < 2:
        raise Refused(_("This introduction is not there any more."))
    introduction.inviter, introduction.invited = people[introduction.inviter_id], people[introduction.invited_id]
    return introduction
