"""How the web processes tell each other what happened: over Redis, and never for good."""

import asyncio
import logging

from channels_redis.core import RedisChannelLayer
from redis import RedisError

logger = logging.getLogger(__name__)


class SteadyLayer(RedisChannelLayer):
    """Waits for a Redis that is away, where the original ends every socket of the process."""

    async def receive(self, channel):
        while True:
            try:
                return await super().receive(channel)
            except (RedisError, OSError) as error:
                logger.warning("Redis does not answer: %s", error)
                await asyncio.sleep(1)
