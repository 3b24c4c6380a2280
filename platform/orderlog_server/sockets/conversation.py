"""What may be said on one socket, and when. A bad message closes it, a bad document does not."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

import structlog
from starlette.datastructures import Headers

from orderlog_schema.limits import (
    AUTHENTICATION_SECONDS_MAX,
    INITIALISATION_SECONDS_MAX,
    OPERATIONS_PER_SOCKET_MAX,
)
from orderlog_schema.principals import Principal
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.frames import Line
from orderlog_server.sockets.closing import (
    FAULT,
    FORBIDDEN,
    IDLE,
    INITIALISED_TWICE,
    NOT_TEXT,
    SILENT,
    TOO_EARLY,
    TOO_LATE,
    Closing,
    malformed,
    taken,
)
from orderlog_server.sockets.limits import Meter, SocketLimits
from orderlog_server.sockets.messages import (
    ACK,
    PING,
    Complete,
    ConnectionInit,
    Malformed,
    Payload,
    Ping,
    Pong,
    Subscribe,
    Wanted,
    heard,
    pong,
)
from orderlog_server.sockets.operations import Operation, Work

TOO_MANY_OPERATIONS: Final[dict[str, Any]] = {
    "message": f"So many operations may run on a socket: {OPERATIONS_PER_SOCKET_MAX}.",
    "extensions": {"code": "TOO_MANY_OPERATIONS", "max": OPERATIONS_PER_SOCKET_MAX},
}

NO_HEADERS: Final = Headers()

_log = structlog.get_logger(__name__)


class Host(Protocol):
    """What all conversations share."""

    limits: SocketLimits
    closings: Counter[int]
    """How often a socket was closed from here, by code."""

    async def authenticate(self, payload: Payload, headers: Headers) -> Principal:
        """Raises `Unauthenticated`."""
        ...

    def admit(self, guest: "Conversation", principal: Principal) -> Closing | None:
        """Why not, if not."""
        ...

    def dismiss(self, guest: "Conversation") -> None: ...

    def operation(self, guest: "Conversation", operation_id: str) -> Operation: ...

    def work(self, wanted: Wanted, principal: Principal) -> Work: ...


class Conversation:
    """Acts on each message as it comes; only what takes time has a task."""

    __slots__ = (
        "_drained",
        "_entering",
        "_headers",
        "_heard_at",
        "_host",
        "_idle_since",
        "_is_initialised",
        "_is_pinged",
        "_line",
        "_meter",
        "_operations",
        "look_at",
        "principal",
    )

    def __init__(self, host: Host, line: Line, headers: Headers) -> None:
        now = time.monotonic()
        self.look_at = now + INITIALISATION_SECONDS_MAX
        """Before that moment nothing can be overdue here."""
        self.principal: Principal | None = None
        """Who opened it, as soon as that was acknowledged."""
        self._host = host
        self._line = line
        self._headers = headers
        self._heard_at = self._idle_since = now
        self._meter = Meter(now)
        self._is_initialised = False
        self._is_pinged = False
        self._entering: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._operations: list[Operation] = []

    # what the connection tells

    def hear_bytes(self, count: int) -> bool:
        """False where they are not to be read any more."""
        self._heard_at, self._is_pinged = time.monotonic(), False
        return self._is_bearable(self._meter.count_bytes(count, self._host.limits, self._heard_at))

    def hear_frame(self) -> bool:
        """False where there were too many."""
        return self._is_bearable(self._meter.count_message(self._host.limits, self._heard_at))

    def hear(self, text: bytes) -> None:
        if not self.hear_frame():
            return
        try:
            message = heard(text)
        except Malformed as error:
            self.close(malformed(error))
            return
        match message:
            case ConnectionInit():
                self._initialise(message.payload)
            case Ping():
                self.write(pong(message.payload))
            case Pong():
                pass  # that it was heard is all
            case Subscribe():
                self._subscribe(message.id, message.payload)
            case Complete():
                self._complete(message.id)

    def _is_bearable(self, too_much: Closing | None) -> bool:
        if too_much is not None:
            self.close(too_much, at_once=True)
        return too_much is None

    def hear_binary(self) -> None:
        self.close(NOT_TEXT)

    def can_write(self) -> None:
        """The client reads again, and that is a sign of life."""
        self._heard_at, self._is_pinged = time.monotonic(), False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
        for operation in tuple(self._operations):
            operation.drain()

    def lost(self) -> None:
        """The connection is gone, or about to go."""
        if self._entering is not None:
            self._entering.cancel()
        for operation in self._operations:
            operation.stop()
        self._operations = []
        self._host.dismiss(self)

    # what operations say

    def write(self, text: bytes) -> None:
        self._line.write((text,))

    def write_now(self, texts: Sequence[bytes]) -> bool:
        """False, and nothing written, where the client does not keep up."""
        if not self._line.is_writable:
            return False
        self._line.write(texts)
        return True

    async def drained(self) -> None:
        """Returns as soon as the client keeps up."""
        while not self._line.is_writable:
            if self._drained is None:
                self._drained = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._drained)

    def forget(self, operation: Operation) -> None:
        """It is over; its id is free."""
        self._operations.remove(operation)
        self._idle_since = time.monotonic()

    # what the host decides

    def close(self, why: Closing, *, at_once: bool = False) -> None:
        self._host.closings[why.code] += 1
        self._line.close(*why, at_once=at_once)
        self.lost()

    def look(self, now: float) -> None:
        """Asks a silent client for a sign of life; closes what is overdue."""
        limits, ping_at = self._host.limits, self._heard_at + self._host.limits.ping_seconds
        idle_at = self._idle_since + limits.idle_seconds_max
        if self.principal is None:
            if not self._is_initialised:
                self.close(TOO_LATE)
        elif now >= ping_at + limits.pong_seconds_max:
            self.close(SILENT)
        elif not self._operations and now >= idle_at:
            self.close(IDLE)
        elif now >= ping_at and not self._is_pinged:
            self._is_pinged = True
            self.write(PING)
        self.look_at = ping_at + limits.pong_seconds_max if self._is_pinged else ping_at
        if not self._operations:
            self.look_at = min(self.look_at, idle_at)

    # the messages

    def _initialise(self, payload: Payload) -> None:
        if self._is_initialised:
            self.close(INITIALISED_TWICE)
            return
        self._is_initialised = True
        self._entering = asyncio.create_task(self._enter(payload, self._headers))
        self._headers = NO_HEADERS

    async def _enter(self, payload: Payload, headers: Headers) -> None:
        why_not = await self._admitted(payload, headers)
        self._entering = None
        if why_not is not None:
            self.close(why_not)
            return
        self._idle_since = time.monotonic()
        self.look_at = self._idle_since
        self.write(ACK)

    async def _admitted(self, payload: Payload, headers: Headers) -> Closing | None:
        try:
            async with asyncio.timeout(AUTHENTICATION_SECONDS_MAX):
                principal = await self._host.authenticate(payload, headers)
        except Unauthenticated:
            return FORBIDDEN
        except TimeoutError:
            return TOO_LATE
        except Exception:  # noqa: BLE001 - whatever it is, nobody comes in by it
            _log.exception("nobody could say who opened a socket")
            return FAULT
        return self._host.admit(self, principal)

    def _subscribe(self, operation_id: str, wanted: Wanted) -> None:
        if self.principal is None:
            self.close(TOO_EARLY)
            return
        if any(one.id == operation_id for one in self._operations):
            self.close(taken(operation_id))
            return
        operation = self._host.operation(self, operation_id)
        self._operations.append(operation)
        if len(self._operations) > OPERATIONS_PER_SOCKET_MAX:
            operation.refuse([TOO_MANY_OPERATIONS])
        else:
            operation.start(self._host.work(wanted, self.principal))

    def _complete(self, operation_id: str) -> None:
        """One that is unknown here was over before this was heard."""
        for operation in self._operations:
            if operation.id == operation_id:
                operation.stop()
                self.forget(operation)
                return
