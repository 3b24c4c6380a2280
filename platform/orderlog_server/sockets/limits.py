"""What one socket may ask for, and how long it may take."""

from dataclasses import dataclass
from typing import Final

from orderlog_server.settings import Settings
from orderlog_server.sockets.closing import TOO_MANY_BYTES, TOO_MANY_MESSAGES, Closing

MINUTE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketLimits:
    """What operators may set."""

    messages_per_minute_max: int
    bytes_per_minute_max: int
    sockets_per_principal_max: int
    ping_seconds: float
    pong_seconds_max: float
    idle_seconds_max: float


def limits_of(settings: Settings) -> SocketLimits:
    return SocketLimits(
        messages_per_minute_max=settings.websocket_messages_per_minute_max,
        bytes_per_minute_max=settings.websocket_bytes_per_minute_max,
        sockets_per_principal_max=settings.websockets_per_principal_max,
        ping_seconds=settings.websocket_ping_seconds,
        pong_seconds_max=settings.websocket_ping_seconds / 2,
        idle_seconds_max=settings.websocket_idle_seconds_max,
    )


class Meter:
    """What came within a minute; what is too much says so, as the reason to close."""

    __slots__ = ("_bytes", "_ends_at", "_messages")

    def __init__(self, now: float) -> None:
        self._ends_at = now + MINUTE_SECONDS
        self._messages = 0
        self._bytes = 0

    def count_message(self, limits: SocketLimits, now: float) -> Closing | None:
        self._begin_again(now)
        self._messages += 1
        return TOO_MANY_MESSAGES if self._messages > limits.messages_per_minute_max else None

    def count_bytes(self, count: int, limits: SocketLimits, now: float) -> Closing | None:
        self._begin_again(now)
        self._bytes += count
        return TOO_MANY_BYTES if self._bytes > limits.bytes_per_minute_max else None

    def _begin_again(self, now: float) -> None:
        if now >= self._ends_at:
            self._ends_at, self._messages, self._bytes = now + MINUTE_SECONDS, 0, 0
