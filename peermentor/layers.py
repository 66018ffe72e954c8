"""How the web processes tell each other what happened: by Redis' PUBLISH and SUBSCRIBE, and never for good.

Each message goes once to each process, which gives it to its own sockets. A layer that keeps lists in Redis writes a
message for every socket and fetches it again, which cost more than the rest of an update together.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close, decode_hosts
from django.conf import settings
from django.db import connection

MOST_WAITING = 1_000


class Waiting(asyncio.Queue[Any]):
    """What one socket has not taken yet. What is too much is dropped: sockets see the gap, and read the log."""

    def put_nowait(self, item: Any) -> None:
        if self.qsize() < MOST_WAITING:
            super().put_nowait(item)


class Connection(RedisSingleShardConnection):
    """A connection that listens again after whatever ended it."""

    async def subscribe(self, channel):
        if self._receive_task is not None and self._receive_task.done():
            self._receive_task = None
            self._ensure_receiver()
        await super().subscribe(channel)


class OfOneLoop(RedisPubSubLoopLayer):
    def __init__(self, hosts=None, **options):
        super().__init__(hosts, **options)
        self._shards = [Connection(host, self) for host in decode_hosts(hosts)]

    async def _subscribe_to_channel(self, channel):
        # Only groups are spoken to: a socket opens while Redis is away, too.
        self.channels[channel] = Waiting()


def ours() -> str:
    """Return what our names begin with: what is published reaches all databases of a Redis, and other communities'."""
    return f"{urlsplit(settings.CELERY_BROKER_URL).path}.{connection.settings_dict['NAME']}."


class SteadyLayer(RedisPubSubChannelLayer):
    """Waits for a Redis that is away, and goes on when it is back."""

    def _get_layer(self):
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = OfOneLoop(*self._args, **self._kwargs, prefix=ours(), channel_layer=self)
            _wrap_close(self, loop)
        return self._layers[loop]
