"""How far the read models are behind the log, in positions and in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from orderlog.eventstore.store import EventStore
from orderlog_projections import checkpoints, dead_letters
from orderlog_projections.database import ReadDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionStatus:
    """How far a projection is. `error` is what the database said; `lag` counts positions.

    `lag_seconds` is the age of the oldest event that it has not read; `parked_keys` counts the keys
    whose events are set aside as dead letters.
    """

    name: str
    position: int
    head: int
    lag_seconds: float
    parked_keys: int
    error: str | None = None
    is_stopped: bool = False
    updated_at: datetime | None = None

    @property
    def lag(self) -> int:
        return max(0, self.head - self.position)


def statuses(store: EventStore, database: ReadDatabase) -> list[ProjectionStatus]:
    """How far each copy of a read model has come, as the database says, whoever keeps it."""

    def known(connection: Connection) -> tuple[dict[str, int], dict[str, int]]:
        return checkpoints.positions(connection), dead_letters.counts(connection)

    positions, parked = database.read(known)
    head = store.head()
    age = ages(store, positions.values(), head)
    return [
        ProjectionStatus(
            name=key,
            position=position,
            head=head,
            lag_seconds=age[position],
            parked_keys=parked.get(key, 0),
        )
        for key, position in sorted(positions.items())
    ]


def ages(store: EventStore, positions: Iterable[int], head: int) -> dict[int, float]:
    """For each position the age, in seconds, of the event after it; 0 at the head of the log."""
    return {one: _age(store, one) if one < head else 0.0 for one in set(positions)}


def _age(store: EventStore, position: int) -> float:
    recorded_at = store.recorded_after(position)
    if recorded_at is None:
        return 0.0
    return max(0.0, (datetime.now(UTC) - recorded_at).total_seconds())
