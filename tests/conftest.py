"""The cast: Ada and Ben are partners, Chloé is looking for one, Dan is a stranger, Olga is staff."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psutil
import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client

from accounts import notices
from accounts.models import User
from matching.index import index
from tests.people import member, settle

# Every test client loads the middleware anew; WhiteNoise would read through all static files each time.
django_settings.WHITENOISE_AUTOREFRESH = True
# Between tests with transactions of their own the tables are emptied, those that only grow as well.
django_settings.DATABASES["default"]["OPTIONS"]["options"] += " -c peermentor.may_truncate=on"

# Of 16 databases of Redis each worker has one, as pytest-django gives each a database of PostgreSQL.
MOST_WORKERS = 8
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    address = urlsplit(django_settings.CELERY_BROKER_URL)
    django_settings.CELERY_BROKER_URL = address._replace(path=f"/{int(worker.removeprefix('gw')) + 1}").geturl()
    os.environ["REDIS_URL"] = django_settings.CELERY_BROKER_URL


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, so that no worker is left with it when the others have done."""
    folders = ("tools", "browser")
    items.sort(key=lambda item: folders.index(folder) if (folder := item.path.parent.name) in folders else len(folders))


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes share the tests: as many as there are cores that may be used."""
    try:
        cores = len(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS
        cores = psutil.cpu_count() or 1
    return min(cores, MOST_WORKERS)


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """A hash that is slow keeps guessers away, and tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nobody_is_remembered() -> None:
    """What a test has written and taken back is in no table, and no commit says so to who holds it in memory."""
    index.forget()


@pytest.fixture(autouse=True)
def _limits_begin_anew(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits are kept in the cache's table, which is no model's: nothing empties it after a test that commits."""
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames
    # In a browser the community of the module does both.
    if not commits or request.node.get_closest_marker("browser"):
        yield
        return
    request.getfixturevalue("transactional_db")
    cache.clear()
    yield
    cache.clear()


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
