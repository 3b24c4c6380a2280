"""Where a projection stands in the process that keeps it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import structlog

from orderlog_projections.checkpoints import BEGINNING, Standing
from orderlog_projections.parking import Parked
from orderlog_projections.projection import Projection
from orderlog_projections.recent_rows import RecentRows
from orderlog_projections.status import ProjectionStatus

ATTEMPTS_MAX: Final = 3

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Progress:
    """Where a projection stands in this process."""

    projection: Projection
    standing: Standing = BEGINNING
    parked: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    rows: RecentRows = field(default_factory=RecentRows)
    failures: int = 0
    error: str | None = None
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.projection.name

    @property
    def key(self) -> str:
        return self.projection.key

    @property
    def position(self) -> int:
        return self.standing.position

    @property
    def is_stopped(self) -> bool:
        return self.failures >= ATTEMPTS_MAX

    def moved(self, position: int, parked: Iterable[Parked]) -> None:
        """A page has been committed."""
        self.standing = self.standing._replace(position=position)
        self.updated_at, self.failures, self.error = datetime.now(UTC), 0, None
        for one in parked:
            if one.error is not None:
                self.parked.setdefault(one.table, set()).add(one.key)
                _log.error("event parked with its key", projection=self.name, **one._asdict())

    def status(self, *, head: int, lag_seconds: float, parked_keys: int) -> ProjectionStatus:
        """How it stands, as it is told."""
        return ProjectionStatus(
            name=self.name,
            position=self.position,
            head=max(head, self.position),
            lag_seconds=lag_seconds,
            parked_keys=parked_keys,
            error=self.error,
            is_stopped=self.is_stopped,
            updated_at=self.updated_at,
        )


def mark(group: Iterable[Progress], error: Exception | None) -> None:
    """The database is away, or there again (None)."""
    for one in group:
        one.error = None if error is None else str(error)
