from collections.abc import Callable

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage

from accounts import notices


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


@pytest.fixture(autouse=True)
def _limits_begin_anew(request):
    """Rate limits are kept in the cache's table, which is no model's: nothing empties it after a test that commits."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        cache.clear()
