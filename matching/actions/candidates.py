"""What keeps the derived rows of candidates right beside the triggers that write them."""

import datetime as dt

from django.db import connection

from accounts import clock
from accounts.models import User
from matching.models import Candidate

KEPT_FOR = dt.timedelta(days=1)


def rebuild() -> int:
    """Derive the row of every member anew; return how many were wrong. Safe to run at any time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT matching_derive(ARRAY(SELECT id FROM accounts_user ORDER BY id))")
        [wrong] = cursor.fetchone()
    return int(wrong)


def forget_who_left() -> int:
    """Delete the empty rows that members left behind, once whoever holds rows in memory has heard of it."""
    gone = Candidate.objects.filter(is_open=False, changed_at__lt=clock.now() - KEPT_FOR)
    deleted, _of_each = gone.exclude(member_id__in=User.objects.values("pk")).delete()
    return deleted
