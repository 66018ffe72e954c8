"""A member leaves, and takes everything along that is theirs alone."""

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts import emails
from accounts.actions.forgetting import forget_member
from accounts.actions.housekeeping import forget_unused_topics
from accounts.models import User

FAREWELL_LASTS = dt.timedelta(days=3)


def erase(*, by: User, site_url: str) -> None:
    """Delete the member with everything that each app holds about them, end their sessions, and confirm it by mail.

    What becomes of which rows is declared in held_about_members of each AppConfig; the database carries it out. An
    address that nobody confirmed may be somebody else's, who is not told the member's name.
    """
    with transaction.atomic():
        member = User.objects.select_for_update().select_related(None).get(pk=by.pk)
        is_theirs = EmailAddress.objects.filter(user=member, email__iexact=by.email, verified=True).exists()
        name = member.profile.first_name if is_theirs else ""
        forget_member(member)
        forget_unused_topics()
        emails.queue_account_mail(
            "emails/account_deleted",
            address=by.email,
            member=None,
            context={},
            site_url=site_url,
            language=by.language,
            lasts=FAREWELL_LASTS,
            name=name,
        )
