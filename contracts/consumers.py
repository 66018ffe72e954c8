"""The socket of a draft: what one types goes into the log, and from there onto the other's screen."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import Error as DatabaseError
from redis import RedisError

from contracts import draft, frames
from contracts.actions import coediting
from contracts.actions.coediting import Appended, Closed, Code, Writer
from contracts.broadcasts import group_of
from contracts.connections import in_thread
from contracts.frames import Frame, Kind, Malformed, Presence, Sync

logger = logging.getLogger(__name__)

LOOKS_EVERY = 3.0
"""Seconds between two looks whether the one who typed may still, and whether a message of another process was lost."""
TELLS_EVERY = 300.0
WEIGHS_EVERY = 256
"""How many updates of a socket between two looks at how large the log has become."""
AT_ONCE, A_SECOND = 2_000, 200
"""How many messages a socket may send in a burst, and in the long run. Who sends more is read more slowly."""
A_WHOLE_DRAFT = 100
"""What a message counts for which the whole draft is read."""
LONGEST_PRESENCE = 4_096
LARGEST_HANDED_ON = 32 * 1024
"""A larger update is not sent by way of Redis: the others read it from the log."""
COMES_WITHIN = 0.3
"""Seconds that an update may come later than one after it, before it is read from the log."""
TRY_AGAIN = 1013


class DraftConsumer(AsyncWebsocketConsumer):
    """One tab of one party. Nothing of the document stays here.

    `seen` is how much of the log it has been sent; `ahead` the numbers beyond that it has been sent as well.
    """

    writer: Writer
    is_open = False
    seen = 0
    committed = 0
    filling: asyncio.Task[None] | None = None
    presence: Presence | None = None
    greeting: draft.Greeting | None = None

    async def connect(self) -> None:
        if not self._is_ours():
            await self.close()
            return
        await self.accept()
        self._tokens, self._counted_at = float(AT_ONCE), time.monotonic()
        self._told_at = 0.0
        self.ahead: set[int] = set()
        await self._guarded(self._begin)

    async def _begin(self) -> None:
        user, session = self.scope["user"], self.scope["session"]
        if not user.is_authenticated:
            raise Closed(Code.LOGGED_OUT)
        contract_id = int(self.scope["url_route"]["kwargs"]["contract_id"])
        self.writer = await in_thread(
            coediting.welcome, by=user, contract_id=contract_id, session_key=session.session_key or ""
        )
        # First the group, then the log: what comes between is heard twice, and never not at all.
        await self._join()
        self.greeting = await in_thread(draft.greeting, contract_id)
        self.seen = self.greeting.last
        self.is_open = True
        await self._send(frames.sync(Sync.STATE, self.greeting.state))
        await self._hand_on({"type": "draft.who"})
        self._tending = asyncio.create_task(self._tend())

    async def dispatch(self, message: dict[str, Any]) -> None:
        # The original looks after the connections to the database on each message; contracts/connections.py does that.
        handler: Callable[[dict[str, Any]], Any] = getattr(self, message["type"].replace(".", "_"))
        await handler(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.is_open:
            await self._pace()
            await self._guarded(lambda: self._take(bytes_data))

    async def _take(self, data: bytes | None) -> None:
        if data is None:
            raise Malformed("a message is bytes")
        frame = frames.parse(data)
        if frame.sync in {Sync.STATE, Sync.MISSING}:
            self._tokens -= A_WHOLE_DRAFT
        if frame.kind is Kind.SYNC and frame.sync is Sync.STATE:
            await self._answer_with_everything()
        elif frame.kind is Kind.SYNC:
            await self._keep(frame)
        elif frame.kind is Kind.PRESENCE:
            await self._show_presence(frame.body)
        elif frame.kind is Kind.ASK_PRESENCE:
            await self._hand_on({"type": "draft.who"})

    async def _answer_with_everything(self) -> None:
        greeting, self.greeting = self.greeting, None
        if greeting is None or greeting.last != self.seen:
            greeting = await in_thread(draft.greeting, self.writer.contract_id)
        self.seen = max(self.seen, greeting.last)
        await self._send(frames.sync(Sync.MISSING, greeting.merged))

    async def _keep(self, frame: Frame) -> None:
        """Append an update; say so when it is on the disk; then tell the others."""
        keep = coediting.append_if_new if frame.sync is Sync.MISSING else coediting.append
        appended: Appended | None = await in_thread(keep, self.writer, frame.body)
        self.committed += 1
        await self._send(frames.committed(self.committed))
        if appended is None:
            return
        self._has(appended.number)
        handed = frame.body if len(frame.body) <= LARGEST_HANDED_ON else None
        await self._hand_on({"type": "draft.update", "number": appended.number, "data": handed})
        if appended.moved:
            await self._hand_on({"type": "draft.look_again"})
        if time.monotonic() - self._told_at > TELLS_EVERY:
            self._told_at = time.monotonic()
            await in_thread(coediting.tell, self.writer)
        if self.committed % WEIGHS_EVERY == 0 and await in_thread(coediting.is_too_much, self.writer):
            raise Closed(Code.TOO_LARGE)

    def _has(self, number: int) -> None:
        """Note that this tab has an update, sent or typed. What it lacks before that is probably on its way."""
        self.ahead.add(number)
        while self.seen + 1 in self.ahead:
            self.seen += 1
        self.ahead = {each for each in self.ahead if each > self.seen}
        if self.ahead and self.filling is None:
            self.filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        """Read what has not come by itself. Yjs takes updates in any order, so nothing waits for it."""
        while self.is_open and self.ahead:
            seen = self.seen
            await asyncio.sleep(COMES_WITHIN)
            if self.seen == seen:
                await self._guarded(self._read_on)
        self.filling = None

    async def _read_on(self) -> None:
        """Send what the log holds beyond what this tab has been sent."""
        for number, data in await in_thread(draft.updates_after, self.writer.contract_id, self.seen):
            if number > self.seen and number not in self.ahead:
                await self._send(frames.sync(Sync.UPDATE, data))
            self.seen = max(self.seen, number)
        self.ahead = {number for number in self.ahead if number > self.seen}

    async def _show_presence(self, body: bytes) -> None:
        """Show the others who is here: of this tab alone, under the name of who is logged in."""
        if len(body) > LONGEST_PRESENCE:
            raise Closed(Code.TOO_LARGE)
        for one in frames.presences(body):
            # A client repeats the presences that it was sent; the first that it names is its own.
            if self.presence is not None and one.client != self.presence.client:
                continue
            state = None
            if one.state is not None:
                state = {**one.state, "user": {"side": self.writer.side.value, "name": self.writer.name}}
            self.presence = Presence(one.client, one.clock, state)
            said = frames.presence([self.presence])
            # Its own comes back: a socket on which nothing is heard for half a minute counts as dead.
            await self._send(said)
            await self._hand_on({"type": "draft.presence", "data": said, "from": self.channel_name})
            return

    # --- From other tabs and processes --------------------------------------------------------------------------------

    async def draft_update(self, event: dict[str, Any]) -> None:
        number, data = event["number"], event["data"]
        if not self.is_open or number <= self.seen or number in self.ahead:
            return
        if data is None:
            await self._guarded(self._read_on)
        else:
            self._has(number)
            await self._send(frames.sync(Sync.UPDATE, data))

    async def draft_presence(self, event: dict[str, Any]) -> None:
        if self.is_open and event["from"] != self.channel_name:
            await self._send(event["data"])

    async def draft_who(self, event: dict[str, Any]) -> None:
        if self.is_open and self.presence is not None:
            said = frames.presence([self.presence])
            await self._hand_on({"type": "draft.presence", "data": said, "from": self.channel_name})

    async def draft_look_again(self, event: dict[str, Any]) -> None:
        if self.is_open:
            await self._send(frames.LOOK_AGAIN)
            await self._guarded(self._look)

    # --- Keeping house ------------------------------------------------------------------------------------------------

    async def _tend(self) -> None:
        """Look now and then: a logout closes the socket; what Redis lost is read from the log."""
        while self.is_open:
            await asyncio.sleep(LOOKS_EVERY)
            await self._join()
            await self._guarded(self._look)

    async def _look(self) -> None:
        if await in_thread(coediting.look, self.writer) > self.seen:
            await self._read_on()

    async def disconnect(self, code: int) -> None:
        self.is_open = False
        if not hasattr(self, "_tending"):
            return
        self._tending.cancel()
        if self.filling is not None:
            self.filling.cancel()
        if self.presence is not None:
            gone = Presence(self.presence.client, self.presence.clock + 1, None)
            said = frames.presence([gone])
            await self._hand_on({"type": "draft.presence", "data": said, "from": self.channel_name})
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await asyncio.wait_for(
                self.channel_layer.group_discard(group_of(self.writer.contract_id), self.channel_name), 2
            )

    async def _guarded(self, act: Callable[[], Any]) -> None:
        """Do something; close the socket when it may not be, and for a while when the database is away."""
        try:
            await act()
        except Closed as closed:
            await self._end(closed.code)
        except Malformed:
            await self._end(Code.MALFORMED)
        except (DatabaseError, OSError):
            # Nothing was acknowledged, so the client still holds it, and comes again.
            logger.warning("a draft's socket is closed: the database did not answer", exc_info=True)
            await self._end(TRY_AGAIN)

    async def _end(self, code: int) -> None:
        self.is_open = False
        await self.close(int(code))

    async def _join(self) -> None:
        """Join the contract's group, again and again: a Redis that was restarted has forgotten it."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            await asyncio.wait_for(
                self.channel_layer.group_add(group_of(self.writer.contract_id), self.channel_name), 2
            )

    async def _hand_on(self, event: dict[str, Any]) -> None:
        """Tell the others. It may be lost: they look into the log every few seconds."""
        try:
            await asyncio.wait_for(self.channel_layer.group_send(group_of(self.writer.contract_id), event), 2)
        except (RedisError, OSError, TimeoutError) as error:
            logger.warning("a message to other tabs was lost: %s", error)

    async def _pace(self) -> None:
        now = time.monotonic()
        self._tokens = min(AT_ONCE, self._tokens + (now - self._counted_at) * A_SECOND) - 1
        self._counted_at = now
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / A_SECOND)

    async def _send(self, data: bytes) -> None:
        try:
            await self.send(bytes_data=data)
        except OSError:
            # The tab has gone; the end of its socket is on the way.
            self.is_open = False

    def _is_ours(self) -> bool:
        """Whether the page that opened the socket is one of ours: its origin is this very host."""
        headers = dict(self.scope["headers"])
        origin, host = headers.get(b"origin", b"").decode("latin-1"), headers.get(b"host", b"").decode("latin-1")
        scheme = "http" if settings.LAPTOP else "https"
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return bool(host) and origin == f"{scheme}://{host}" and parts.netloc == host
