"""What is said to the open tabs of a draft, once a change is on the disk. Nothing depends on its arriving."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis import RedisError

logger = logging.getLogger(__name__)

SECONDS = 1.0


def group_of(contract_id: int) -> str:
    """Return the name of the group in which all open tabs of a draft are, whichever process they talk to."""
    return f"contract.{contract_id}"


def look_again(contract_id: int) -> None:
    """When the transaction is through, ask the open tabs to look at the contract again."""
    transaction.on_commit(lambda: _say(contract_id))


def _say(contract_id: int) -> None:
    try:
        if _is_in_a_loop():
            with ThreadPoolExecutor(1) as beside:
                beside.submit(asyncio.run, _send(contract_id)).result()
        else:
            async_to_sync(_send)(contract_id)
    except (RedisError, OSError, TimeoutError) as error:
        logger.warning("open tabs of a draft were not told of a change: %s", error)


async def _send(contract_id: int) -> None:
    layer = get_channel_layer()
    await asyncio.wait_for(layer.group_send(group_of(contract_id), {"type": "draft.look_again"}), SECONDS)


def _is_in_a_loop() -> bool:
    """Whether this thread runs an event loop already, in which nothing may wait for another."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
