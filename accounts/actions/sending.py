"""What staff do about notices that did not go out."""

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.clock import Now
from accounts.models import Notice
from accounts.notices.rows import release_stranded


def try_again(*, notices: QuerySet[Notice]) -> int:
    """Let those of `notices` go again that failed and are still worth sending; return how many those are.

    What was one mail goes as one mail again.
    """
    with transaction.atomic():
        chosen = set(notices.values_list("pk", flat=True))
        leaders = set(Notice.objects.filter(pk__in=chosen).exclude(leader=None).values_list("leader_id", flat=True))
        group = Q(pk__in=chosen | leaders) | Q(leader__in=chosen | leaders)
        failed = Notice.objects.filter(group, state=Notice.State.FAILED, expires_at__gt=Now())
        going = list(failed.select_for_update(of=("self",)).values_list("pk", flat=True))
        count = Notice.objects.filter(pk__in=going).update(
            state=Notice.State.PENDING, attempts=0, faults=0, next_attempt_at=Now(), last_error=""
        )
        release_stranded()
    return count
