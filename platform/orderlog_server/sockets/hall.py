"""All sockets of this process: who may come in, and who must leave when."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.datastructures import Headers

from orderlog.domain.envelope import Actor
from orderlog_schema.context import Context
from orderlog_schema.principals import LOCAL, Principal
from orderlog_server.auth.authentication import Authentication
from orderlog_server.frames import Line
from orderlog_server.sockets.closing import EXPIRED, REVOKED, TOO_MANY_SOCKETS, Closing
from orderlog_server.sockets.conversation import Conversation
from orderlog_server.sockets.executing import Executor
from orderlog_server.sockets.limits import SocketLimits
from orderlog_server.sockets.messages import Payload, Wanted
from orderlog_server.sockets.operations import Operation, Work

LOOK_SECONDS: Final = 0.5
"""What is overdue is noticed so much later at the most."""


class Hall:
    """Looks round twice a second, as long as there is somebody."""

    def __init__(
        self,
        executor: Executor,
        context_for: Callable[[Principal], Context],
        authentication: Authentication,
        limits: SocketLimits,
    ) -> None:
        self.limits = limits
        self.closings: Counter[int] = Counter()
        self._executor = executor
        self._context_for = context_for
        self._authentication = authentication
        self._guests: set[Conversation] = set()
        self._known: dict[Principal, set[Conversation]] = {}
        self._count_of: Counter[Actor] = Counter()
        self._looking: asyncio.TimerHandle | None = None

    @property
    def count(self) -> int:
        """Those who are here, known or not yet."""
        return len(self._guests)

    def enter(self, line: Line, headers: Headers) -> Conversation:
        """Somebody who has not said yet who it is."""
        guest = Conversation(self, line, headers)
        self._guests.add(guest)
        if self._looking is None:
            self._look_soon()
        return guest

    async def authenticate(self, payload: Payload, headers: Headers) -> Principal:
        return await self._authentication.authenticate(payload, headers)

    def admit(self, guest: Conversation, principal: Principal) -> Closing | None:
        actor, most = principal.actor, self.limits.sockets_per_principal_max
        if principal != LOCAL and self._count_of[actor] >= most:
            return TOO_MANY_SOCKETS
        guest.principal = principal
        self._known.setdefault(principal, set()).add(guest)
        self._count_of[actor] += 1
        return None

    def dismiss(self, guest: Conversation) -> None:
        self._guests.discard(guest)
        principal = guest.principal
        if principal is None or guest not in self._known.get(principal, ()):
            return
        self._known[principal].discard(guest)
        self._count_of[principal.actor] -= 1
        if not self._known[principal]:
            del self._known[principal]
        if not self._count_of[principal.actor]:
            del self._count_of[principal.actor]

    def operation(self, guest: Conversation, operation_id: str) -> Operation:
        return Operation(operation_id, guest, self._executor.streams)

    def work(self, wanted: Wanted, principal: Principal) -> Work:
        return partial(self._executor.run, wanted, self._context_for(principal))

    def _look_soon(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        self._look_at_principals()
        now = time.monotonic()
        for guest in tuple(self._guests):
            if guest.look_at <= now:
                guest.look(now)
        if self._guests:
            self._look_soon()

    def _look_at_principals(self) -> None:
        """Nobody stays for longer than what they proved holds."""
        now = time.time()
        for principal, guests in tuple(self._known.items()):
            if principal.expires_at is not None and principal.expires_at.timestamp() <= now:
                why = EXPIRED
            elif not self._authentication.is_current(principal):
                why = REVOKED
            else:
                continue
            for guest in tuple(guests):
                guest.close(why)
