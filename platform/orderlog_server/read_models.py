"""The read models as resolvers see them: questions in threads, waiting on the event loop."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from orderlog_projections.database import ReadDatabase
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.runner import ProjectionRunner
from orderlog_schema.context import ProjectionStatus

T = TypeVar("T")
NAMES = tuple(projection.name for projection in PROJECTIONS)


class LiveReadModels:
    """Read models that a runner of this process keeps up to date."""

    def __init__(self, database: ReadDatabase, runner: ProjectionRunner) -> None:
        self._database = database
        self._runner = runner

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self._database.read, query)

    async def wait(self, position: int, timeout_seconds: float) -> bool:
        return await self._runner.consistency.wait(NAMES, position, timeout_seconds)

    async def statuses(self) -> Sequence[ProjectionStatus]:
        kept = await asyncio.to_thread(self._runner.positions)
        return [
            ProjectionStatus(name=one.name, position=one.position, head=one.head, error=one.error)
            for one in kept.values()
        ]

    def changes(self, projection: str) -> AsyncGenerator[tuple[int, frozenset[str]]]:
        return self._runner.consistency.changes(projection)
