"""A member's rows go: what becomes of which is declared in held_about_members of each AppConfig."""

import re

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q

from accounts.models import Notice, Profile, User


def forget_member(member: User) -> None:
    """Delete the member, whose row is locked, with all about them, and end their sessions. Inside a transaction."""
    addresses = {member.email, *EmailAddress.objects.filter(user=member).values_list("email", flat=True)}
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=member).values("session_key")).delete()
    _forget_by_address(member, addresses)
    member.delete()


def _forget_by_address(member: User, addresses: set[str]) -> None:
    """Remove what names the member without a foreign key: mails to their addresses, and staff's log about them."""
    to_them = Q()
    about_them = Q(
        content_type__in=ContentType.objects.get_for_models(User, Profile).values(), object_id=str(member.pk)
    )
    for address in addresses:
        to_them |= Q(address__iexact=address)
        # The address itself: that of anna@example.org is no part of what is said of joanna@example.org.
        about_them |= Q(object_repr__iregex=rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)")
    Notice.objects.filter(to_them).delete()
    LogEntry.objects.filter(about_them).delete()
