"""A member says which mails they want, and when; or stops some with the link of a mail."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from accounts import clock, moments
from accounts.clock import Now
from accounts.models import MailChoices, Notice, User
from accounts.models.mail import CHOSEN, WITHOUT_DIGEST, Choice, Sort
from accounts.notices.kinds import GATHERED
from accounts.rules import Refused, constraints_speak
from accounts.stopping import WEEKLY

LONGEST_PAUSE = dt.timedelta(days=3 * 366)


def choose(
    *,
    by: User,
    choices: Mapping[str, str],
    digest_weekday: int,
    digest_hour: int,
    quiet_from: dt.time | None,
    quiet_until: dt.time | None,
    resumes_on: dt.date | None,
) -> MailChoices:
    """Change what the member gets. `choices` are those of each sort; times are those of their own clock.

    Raises Refused for quiet hours without a beginning or an end, and for a day that has begun or is years away.
    """
    now = clock.now()
    if resumes_on and moments.instant_of(by.time_zone, resumes_on, dt.time()) <= now:
        raise Refused(_("That day has begun already. Choose one that is still to come."))
    if resumes_on and resumes_on > now.date() + LONGEST_PAUSE:
        raise Refused(_("That is more than three years away."))
    with constraints_speak(), transaction.atomic():
        held = _hold(by.pk)
        for sort in CHOSEN:
            setattr(held, sort.value, choices.get(sort.value, held.of(sort)))
        held.digest_weekday, held.digest_hour = digest_weekday, digest_hour
        held.quiet_from, held.quiet_until = quiet_from, quiet_until
        held.resumes_on = resumes_on
        held.save()
        reconsider(by.pk)
    return held


def stop(*, member_id: int, sorts: Iterable[str]) -> dict[str, str]:
    """Stop the mails of these sorts; return what was chosen for each before. Of a member who has left nothing changes.

    WEEKLY among the sorts are those that come once a week. Called on the word of a mail's link, by nobody who is logged
    in. Again, it changes nothing.
    """
    sorts = set(sorts)
    with transaction.atomic():
        if not _is_there(member_id):
            return dict.fromkeys(sorts & set(CHOSEN), Choice.NOW.value)
        held = _hold(member_id)
        stopped = {sort for sort in CHOSEN if sort in sorts} | (set(held.digested) if WEEKLY in sorts else set())
        before = {sort.value: held.of(sort).value for sort in stopped}
        _put(held, dict.fromkeys(before, Choice.OFF.value))
    return {sort: Choice.NOW.value if choice == Choice.OFF else choice for sort, choice in before.items()}


def start_again(*, member_id: int, choices: Mapping[str, str]) -> None:
    """Put the choices of some sorts back to what they were before they were stopped. Again, it changes nothing."""
    with transaction.atomic():
        if not _is_there(member_id):
            return
        held = _hold(member_id)
        # What the member has chosen since is theirs.
        _put(held, {sort: choice for sort, choice in choices.items() if held.of(Sort(sort)) is Choice.OFF})


def reconsider(member_id: int) -> None:
    """Let every notice that waits because of what was chosen before be asked for anew, none before it is due.

    To be called in the transaction that changes the choices, or the clock that they are read on.
    """
    MailChoices.objects.select_for_update().filter(member=member_id).first()
    waiting = Notice.objects.filter(member=member_id, state=Notice.State.PENDING)
    carriers = list(waiting.filter(kind=GATHERED, attempts=0).select_for_update().values_list("pk", flat=True))
    waiting.filter(leader__in=carriers).update(leader=None, next_attempt_at=Greatest("due_at", Now()))
    waiting.filter(pk__in=carriers).delete()
    waiting.filter(leader=None, attempts=0).update(next_attempt_at=Greatest("due_at", Now()))


def _is_there(member_id: int) -> bool:
    """Whether there is such a member, who cannot leave before the transaction ends."""
    return bool(User.objects.select_for_update(no_key=True).filter(pk=member_id).values_list("pk"))


def _put(held: MailChoices, choices: Mapping[str, str]) -> None:
    for sort, choice in choices.items():
        is_possible = choice != Choice.DIGEST or sort not in WITHOUT_DIGEST
        setattr(held, sort, choice if is_possible else Choice.NOW)
    held.save(update_fields=[*choices])
    reconsider(held.member_id)


def _hold(member_id: int) -> MailChoices:
    """Return the member's row of choices, locked: nothing is put off by it meanwhile."""
    MailChoices.objects.bulk_create([MailChoices(member_id=member_id)], ignore_conflicts=True)
    return MailChoices.objects.select_for_update().get(pk=member_id)
