"""The sockets of contracts."""

from django.urls import re_path

from contracts.consumers import DraftConsumer

# y-websocket puts the room after a slash, and none after it; our own page asks with one, as everywhere.
urlpatterns = [re_path(r"^ws/contracts/(?P<contract_id>[0-9]{1,18})/?$", DraftConsumer.as_asgi())]
