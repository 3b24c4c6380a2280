"""What a process knows of its log and its readers at one moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orderlog_projections.status import ProjectionStatus, ages
from orderlog_server.wiring import Platform

ANSWER_SECONDS_MAX: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessesState:
    """How far the processes are; `error` is what they stopped for."""

    position: int
    lag: int
    lag_seconds: float
    in_flight: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`head` is where the log ends."""

    head: int
    projections: Sequence[ProjectionStatus]
    processes: ProcessesState

    @property
    def has_fault(self) -> bool:
        """Whether a reader has stopped. Parked keys are none: all the others go on."""
        errors = [self.processes.error, *(one.error for one in self.projections)]
        return any(error is not None for error in errors)


async def state_of(platform: Platform) -> State:
    """Raises `StoreError`, or `TimeoutError` where the database is silent."""
    async with asyncio.timeout(ANSWER_SECONDS_MAX):
        projections = await platform.read_models.statuses()
        reached = await platform.processes.reached()
        head, age = await asyncio.to_thread(_head_and_age, platform, reached)
    processes = platform.processes
    return State(
        head=head,
        projections=projections,
        processes=ProcessesState(
            position=reached,
            lag=max(0, head - reached),
            lag_seconds=age,
            in_flight=processes.in_flight,
            error=None if processes.error is None else str(processes.error),
        ),
    )


def _head_and_age(platform: Platform, position: int) -> tuple[int, float]:
    head = platform.store.head()
    return head, ages(platform.store, [position], head)[position]
