"""What a process does for all others that share its log, for as long as it owns that.

Read models and processes are each done by one process at a time; others stand by, and follow.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from orderlog.consumers.ownership import Ownership
from orderlog.eventstore.claims import Claim, Claims
from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.outage import Outage
from orderlog.eventstore.seats import Seat
from orderlog.processes.runner import ProcessRunner
from orderlog_projections.projection import Projection
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.remote import Follower
from orderlog_projections.runner import ProjectionRunner

PROCESSES: Final = "processes"
RETRY_SECONDS: Final = 0.5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """What a process is ready to do."""

    projections: tuple[Projection, ...] = PROJECTIONS
    processes: bool = True

    @property
    def names(self) -> list[str]:
        """In the order in which they are taken, so that whoever has the first has mostly all."""
        projections = [projection.key for projection in self.projections]
        return [*projections, PROCESSES] if self.processes else projections


ALL_DUTIES: Final = Duties()
NO_DUTIES: Final = Duties(projections=(), processes=False)


@asynccontextmanager
async def performing(
    duties: Duties,
    seat: Seat,
    projections: ProjectionRunner,
    processes: ProcessRunner,
    follower: Follower | None,
) -> AsyncGenerator[None]:
    """Does what it owns, from the first moment where that is free, and lets go of it at the end."""
    shift = Shift(processes)

    def hear(claims: Claims) -> None:
        if follower is not None:
            follower.look()  # up to here others brought it, and nobody else goes on
        projections.own(claims)
        shift.own(claims)

    projections.own({})
    ownership = Ownership(seat, duties.names, hear)
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(ownership.start)
        stack.push_async_callback(asyncio.to_thread, ownership.stop)
        if duties.projections:
            projections.start()
            stack.push_async_callback(asyncio.to_thread, projections.stop)
        await stack.enter_async_context(shift.attended())
        yield


class Shift:
    """Starts and stops the processes as the claim on them comes and goes."""

    def __init__(self, processes: ProcessRunner) -> None:
        self._processes = processes
        self._loop = asyncio.get_running_loop()
        self._claim: Claim | None = None
        self._served: Claim | None = None
        self._changed = asyncio.Event()
        self._outage = Outage(PROCESSES)

    def own(self, claims: Claims) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._turn, claims.get(PROCESSES))

    def _turn(self, claim: Claim | None) -> None:
        self._claim = claim
        self._changed.set()

    @asynccontextmanager
    async def attended(self) -> AsyncGenerator[None]:
        """What is owned by now has begun when this begins."""
        await asyncio.sleep(0)
        await self._follow_claim()
        task = asyncio.create_task(self._attend())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._processes.stop()

    async def _attend(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._follow_claim()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
                if isinstance(error, StoreError):
                    self._outage.met(error)
                else:
                    _log.exception("processes cannot be started or stopped")
                self._changed.set()
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._outage.over()

    async def _follow_claim(self) -> None:
        claim = self._claim
        if claim == self._served:
            return
        await self._processes.stop()
        self._served = None
        if claim is not None:
            await self._processes.start(claim)
            self._served = claim
