"""Tabs that are not ours: Node processes with a plain y-websocket client."""

from pathlib import Path

from django.conf import settings
from django.test import Client

from accounts.models import User
from contracts.models import Contract
from tests.browser.visits import Server
from tests.contracts.live.scripts import Script

CLIENT = Path(__file__).with_name("client.mjs")


def cookie_of(person: User) -> str:
    """Log a member in; return the cookie that their browser would send."""
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    return f"{cookie.key}={cookie.value}"


class Tab(Script):
    """One client with a draft open, plain y-websocket: `tab("insert", text=…, value=…)`."""

    def __init__(self, server: Server, contract: Contract, cookie: str, *, origin: str | None = None) -> None:
        url = f"{server.url.replace('http', 'ws', 1)}/ws/contracts/{contract.pk}/"
        super().__init__(CLIENT, url, server.url if origin is None else origin, cookie)

    def settle(self) -> None:
        """Wait until all that was typed is acknowledged."""
        assert self("settled", seconds=20), self("seen")
