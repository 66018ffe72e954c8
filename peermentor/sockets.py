"""Every socket that Peermentor answers."""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.urls import re_path

from contracts import routing


async def nowhere(scope, receive, send):
    """Refuse a socket at an address that is none of ours: 403, before anything else is said."""
    await send({"type": "websocket.close"})


application = AuthMiddlewareStack(URLRouter([*routing.urlpatterns, re_path(r"", nowhere)]))
