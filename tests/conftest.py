"""The cast: Ada and Ben are partners, Chloé is looking for one, Dan is a stranger, Olga is staff."""

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client

from accounts import notices
from accounts.models import User
from tests.people import member, settle

# Every test client loads the middleware anew; WhiteNoise would read through all static files each time.
django_settings.WHITENOISE_AUTOREFRESH = True
# Between tests with transactions of their own the tables are emptied, those that only grow as well.
django_settings.DATABASES["default"]["OPTIONS"]["options"] += " -c peermentor.may_truncate=on"


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """A hash that is slow keeps guessers away, and tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ada(db) -> User:
    person = member("ada@example.org", "Ada Bright")
    return settle(person, offers={"Writing": 3}, needs={"Bookkeeping": 3}, headline="Novelist, London")


@pytest.fixture
def ben(db) -> User:
    person = member("ben@example.org", "Ben Carter")
    return settle(person, offers={"Bookkeeping": 2}, needs={"Writing": 2}, headline="Accountant, Leeds")


@pytest.fixture
def chloe(db) -> User:
    person = member("chloe@example.org", "Chloé Moreau")
    return settle(
        person,
        offers={"Bookkeeping": 1, "French": 3},
        needs={"Writing": 1, "Gardening": 3},
        languages=("fr", "en"),
        time_zone="Europe/Paris",
        headline="Traductrice, Lyon",
    )


@pytest.fixture
def dan(db) -> User:
    """Confirmed, and has said nothing about himself."""
    return member("dan@example.org", "Dan Stranger")


@pytest.fixture
def olga(db) -> User:
    return member("olga@example.org", "Olga Staff", is_staff=True, is_superuser=True)


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """Return a browser in which the member is logged in."""

    def log_in(person: User) -> Client:
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return log_in


@pytest.fixture
def delivered() -> Callable[[], list[EmailMessage]]:
    """Send what is due and return the mails that went out since the last call."""
    seen = 0

    def deliver() -> list[EmailMessage]:
        nonlocal seen
        while notices.drain().claimed:
            pass
        new = mail.outbox[seen:]
        seen = len(mail.outbox)
        return new

    return deliver
