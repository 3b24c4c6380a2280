"""Answers that go on: server-sent events, and multipart as Apollo's clients want it.

Events are those of the protocol graphql-sse, "distinct connections". Each has the position of what
it tells as its id, which a browser sends back as `Last-Event-ID` when its connection was cut.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError
from starlette.types import Receive, Send

from orderlog_schema.execution.members import Told
from orderlog_server.http.exchange import body_of
from orderlog_server.http.negotiation import EVENT_STREAM_TYPE, MULTIPART_TYPE
from orderlog_server.http.refusals import Header

UNBUFFERED: Final[Sequence[Header]] = (
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # said to nginx, which would keep events back
)

LOOK_SECONDS: Final = 2.0
"""So often it is asked whether the client may stay."""
DISMISSAL: Final = Told(
    None,
    body_of(GraphQLError("Your token counts no more.", extensions={"code": "UNAUTHENTICATED"})),
)

Batches = AsyncGenerator[Sequence[Told]]
"""What is told, as much at a time as there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a stream is written."""

    content_type: bytes
    opening: bytes
    part: Callable[[Told], bytes]
    heartbeat: bytes
    end: bytes


def event(told: Told) -> bytes:
    number = b"" if told.position is None else b"id: %d\n" % told.position
    return b"%bevent: next\ndata: %b\n\n" % (number, told.body)


def json_part(body: bytes) -> bytes:
    """It ends with the boundary of the next one, so that nobody waits for that."""
    return b"\r\ncontent-type: application/json\r\n\r\n%b\r\n--graphql" % body


EVENT_STREAM: Final = Format(
    content_type=b"text/event-stream; charset=utf-8",
    opening=b":\n\n",
    part=event,
    heartbeat=b":\n\n",
    end=b"event: complete\ndata:\n\n",
)
MULTIPART: Final = Format(
    content_type=b'multipart/mixed;boundary="graphql";subscriptionSpec=1.0',
    opening=b"\r\n--graphql",
    part=lambda told: json_part(b'{"payload":%b}' % told.body),
    heartbeat=json_part(b"{}"),
    end=b"--\r\n",
)
FORMATS: Final = {EVENT_STREAM_TYPE: EVENT_STREAM, MULTIPART_TYPE: MULTIPART}


@dataclass(frozen=True, slots=True)
class Streaming:
    """One stream to one client."""

    format: Format
    send: Send
    heartbeat_seconds: float
    may_stay: Callable[[], bool]
    """Whether what the client has proved still holds."""

    async def tell(self, batches: Batches, receive: Receive) -> None:
        """Returns when all is told, the client has gone, or may not stay."""
        await self._begin()
        telling = asyncio.create_task(self._tell_all(batches))
        leaving = asyncio.create_task(gone(receive))
        try:
            is_dismissed = not await self._kept(telling, leaving)
        finally:
            for task in (telling, leaving):
                task.cancel()
            await asyncio.wait({telling, leaving})
        if is_dismissed:
            await self._write(self.format.part(DISMISSAL))
            await self._end()
        elif not telling.cancelled():
            telling.result()

    async def _kept(self, *tasks: asyncio.Task[None]) -> bool:
        """Until one of these is done, for proxies to see that it lives; false for a dismissal."""
        loop = asyncio.get_running_loop()
        beat_at = loop.time() + self.heartbeat_seconds
        while not await any_done(*tasks, seconds_max=min(self.heartbeat_seconds, LOOK_SECONDS)):
            if not self.may_stay():
                return False
            if loop.time() >= beat_at:
                await self._write(self.format.heartbeat)
                beat_at += self.heartbeat_seconds
        return True

    async def _begin(self) -> None:
        headers = [(b"content-type", self.format.content_type), *UNBUFFERED]
        await self.send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(self.format.opening)

    async def _tell_all(self, batches: Batches) -> None:
        async with aclosing(batches):
            async for batch in batches:
                await self._write(b"".join(map(self.format.part, batch)))
        await self._end()

    async def _end(self) -> None:
        await self.send({"type": "http.response.body", "body": self.format.end})

    async def _write(self, part: bytes) -> None:
        await self.send({"type": "http.response.body", "body": part, "more_body": True})


async def any_done(*tasks: asyncio.Task[None], seconds_max: float) -> bool:
    done, _ = await asyncio.wait(tasks, timeout=seconds_max, return_when=asyncio.FIRST_COMPLETED)
    return bool(done)


async def gone(receive: Receive) -> None:
    """Returns when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass
