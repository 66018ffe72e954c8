"""A member leaves, and takes everything along that is theirs alone."""

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from accounts import emails
from accounts.actions.housekeeping import forget_unused_topics
from accounts.models import Notice, Profile, User

FAREWELL_LASTS = dt.timedelta(days=3)


def erase(*, by: User, site_url: str) -> None:
    """Delete the member with everything that each app holds about them, end their sessions, and confirm it by mail.

    What becomes of which rows is declared in held_about_members of each AppConfig; the database carries it out.
    """
    with transaction.atomic():
        member = User.objects.select_for_update().select_related(None).get(pk=by.pk)
        name = member.profile.first_name
        addresses = {member.email, *EmailAddress.objects.filter(user=member).values_list("email", flat=True)}
        Session.objects.filter(session_key__in=UserSession.objects.filter(user=member).values("session_key")).delete()
        _forget_by_address(member, addresses)
        member.delete()
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


def _forget_by_address(member: User, addresses: set[str]) -> None:
    """Remove what names the member without a foreign key: mails to their addresses, and staff's log about them."""
    to_them = Q()
    about_them = Q(
        content_type__in=ContentType.objects.get_for_models(User, Profile).values(), object_id=str(member.pk)
    )
    for address in addresses:
        to_them |= Q(address__iexact=address)
        about_them |= Q(object_repr__icontains=address)
    Notice.objects.filter(to_them).delete()
    LogEntry.objects.filter(about_them).delete()
