"""What staff do about notices that did not go out."""

from django.db.models import QuerySet

from accounts.clock import Now
from accounts.models import Notice


def try_again(*, notices: QuerySet[Notice]) -> int:
    """Let those of `notices` go again that failed and are still worth sending; return how many those are."""
    failed = notices.filter(state=Notice.State.FAILED, expires_at__gt=Now())
    return failed.update(state=Notice.State.PENDING, attempts=0, faults=0, next_attempt_at=Now(), last_error="")
