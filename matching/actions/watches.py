"""A member asks to be told when somebody fits, and is told."""

import datetime as dt
from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import Q

from accounts import clock, notices
from accounts.actions import mail
from accounts.models import User
from accounts.models.mail import Choice, Sort
from matching.models import Shown, Watch
from matching.models.watches import Often
from matching.suggestions import good_fits, is_open_to_new
from matching.telling import FAMILY

# A little less than a day and a week: the task comes once a day, and not at the very same second.
REST = {Often.DAY: dt.timedelta(hours=20), Often.WEEK: dt.timedelta(days=6, hours=20)}
# Longer than a week: who reads one mail a week gets it there.
LASTS = dt.timedelta(days=8)
MOST_TOLD = 20


def watch(*, by: User, often: str) -> None:
    """Tell `by` from now on when somebody newly fits well, so often at the most. Who fits now is no news.

    Where mails of this sort were stopped they come again: who asks to be told wants them.
    """
    fits = [place.member_id for place in good_fits(by)]
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        _watch, is_new = Watch.objects.update_or_create(member=by, defaults={"often": often})
        if is_new:
            note_shown(by=by, member_ids=fits)
        mail.start_again(member_id=by.pk, choices={Sort.FITS.value: Choice.NOW.value})


def stop_watching(*, by: User) -> None:
    """Do not tell any more, and forget whom the member was shown. Twice changes nothing."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        Watch.objects.owned_by(by).delete()
        Shown.objects.filter(member=by).delete()


def note_shown(*, by: User, member_ids: Collection[int]) -> str:
    """Note whom the member was shown, if they want to be told of others; return how often they do, "" if they do not.

    One query; who has left is passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"member": by.pk, "others": list(member_ids)})
        row = cursor.fetchone()
    return row[0] if row else ""


def tell_all() -> int:
    """Write the mails of those whose time has come; return how many. Safe to run twice, and two at once."""
    now = clock.now()
    rested = Q(told_at=None)
    for often, rest in REST.items():
        rested |= Q(often=often, told_at__lte=now - rest)
    due = Watch.objects.filter(rested).order_by("pk").values_list("pk", flat=True)
    return sum(_tell(member_id, rested, now) for member_id in list(due))


def _tell(member_id: int, rested: Q, now: dt.datetime) -> bool:
    """Write one mail about all who newly fit, if there are any."""
    member = User.objects.select_related("profile").filter(pk=member_id, is_active=True).first()
    if member is None or not is_open_to_new(member) or not (fits := [place.member_id for place in good_fits(member)]):
        return False
    with transaction.atomic():
        held = Watch.objects.select_for_update().filter(rested, pk=member_id).first()
        if held is None:
            return False
        known = set(Shown.objects.filter(member=member, other__in=fits).values_list("other", flat=True))
        fresh = [pk for pk in fits if pk not in known][:MOST_TOLD]
        if not fresh:
            return False
        note_shown(by=member, member_ids=fresh)
        held.told_at = now
        held.save(update_fields=["told_at"])
        notices.queue(
            key=f"{FAMILY}:{member.pk}:{now:%Y-%m-%dT%H}",
            kind=f"{FAMILY}:new",
            address=member.email,
            member=member,
            context={"members": fresh},
            lasts=LASTS,
        )
    return True


_NOTE = """
WITH noted AS (
    INSERT INTO matching_shown (member_id, other_id, shown_at)
    SELECT watch.member_id, other.id, peermentor_now()
    FROM matching_watch AS watch, accounts_user AS other
    WHERE other.id = ANY(%(others)s::bigint[]) AND other.id <> watch.member_id AND watch.member_id = %(member)s
    ON CONFLICT DO NOTHING
)
SELECT often FROM matching_watch WHERE member_id = %(member)s
"""
