"""Kept states: a stream of ten thousand events loads as fast as one of ten.

A snapshot is made out of the log and saves time, no more: without it the events are read. It
counts only for the very code that made it, for a change to how events are folded changes states
that look the same.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from eventsourcing.persistence import StoredEvent

import orderlog.domain
from orderlog.domain.aggregate import AGGREGATE_TYPES, Aggregate
from orderlog.domain.routing import rebuild
from orderlog.eventstore.recorder import EVENTS_TABLE
from orderlog.eventstore.store import STREAM_PAGE_EVENTS, EventStore

_LOAD: Final = (
    "SELECT version, topic, state FROM snapshots WHERE stream_id = ? AND made_by = ? "  # noqa: S608 - constants
    f"UNION ALL SELECT originator_version, topic, state FROM {EVENTS_TABLE} "
    "WHERE originator_id = ? AND originator_version > COALESCE("
    "(SELECT version FROM snapshots WHERE stream_id = ? AND made_by = ?), 0) "
    "ORDER BY 1 LIMIT ?"
)
_KEEP: Final = (
    "INSERT INTO snapshots (stream_id, version, topic, made_by, state) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, topic = excluded.topic, "
    "made_by = excluded.made_by, state = excluded.state "
    "WHERE snapshots.version <= excluded.version OR snapshots.made_by <> excluded.made_by"
)

_Frozen = tuple[datetime, datetime, msgspec.Raw]
"""When the aggregate was created and last modified, and its state."""


class SnapshotTable:
    """The newest snapshot of each stream, in a table beside the log. Thread-safe."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def load(self, stream_id: str) -> tuple[Aggregate | None, int]:
        """The aggregate as the log has it, and how many events had to be read after its snapshot.

        Raises whatever is wrong with the table or the snapshot.
        """
        rows = self._select(stream_id)
        aggregate: Aggregate | None = None
        if rows and rows[0]["topic"] in AGGREGATE_TYPES:
            aggregate = thawed(stream_id, *_columns(rows.pop(0)))
        kept_version = aggregate.version if aggregate else 0
        stored = (StoredEvent(stream_id, *_columns(row)) for row in rows)
        aggregate = rebuild(map(self._store.decode, stored), aggregate)
        if aggregate is not None and len(rows) >= STREAM_PAGE_EVENTS:
            rest = self._store.stream(stream_id, aggregate.version)
            rebuild((recorded.event for recorded in rest), aggregate)
        return aggregate, aggregate.version - kept_version if aggregate else 0

    def _select(self, stream_id: str) -> list[Any]:
        """One question for both: a new stream, which has neither, costs no more than before."""
        made_by = domain_fingerprint()
        with self._store.recorder.cursor(commit=False) as cursor:
            cursor.execute(
                _LOAD,
                (stream_id, made_by, stream_id, stream_id, made_by, STREAM_PAGE_EVENTS + 1),
            )
            return list(cursor.fetchall())

    def newest(self, stream_ids: Sequence[str]) -> list[Aggregate]:
        """The snapshots of these streams. Raises as `load` does."""
        marks = ", ".join("?" * len(stream_ids))
        query = (
            "SELECT stream_id, version, topic, state FROM snapshots "  # noqa: S608 - only marks
            f"WHERE made_by = ? AND stream_id IN ({marks})"
        )
        with self._store.recorder.cursor(commit=False) as cursor:
            cursor.execute(query, (domain_fingerprint(), *stream_ids))
            rows = cursor.fetchall()
        return [thawed(row["stream_id"], *_columns(row)) for row in rows]

    def keep(self, aggregates: Iterable[Aggregate]) -> None:
        """In one transaction; sorted, so that two processes never wait for each other."""
        made_by = domain_fingerprint()
        rows = sorted((one.id, one.version, one.TOPIC, made_by, frozen(one)) for one in aggregates)
        if not rows:
            return
        with self._store.recorder.cursor(commit=True) as cursor:
            for row in rows:
                cursor.execute(_KEEP, row)


def _columns(row: Any) -> tuple[int, str, bytes]:  # noqa: ANN401 - a row of either driver
    return row["version"], row["topic"], bytes(row["state"])


def frozen(aggregate: Aggregate) -> bytes:
    """All of an aggregate but its stream, version and topic, which stand in columns."""
    state = msgspec.Raw(msgspec.json.encode(aggregate))
    return msgspec.json.encode((aggregate.created_on, aggregate.modified_on, state))


def thawed(stream_id: str, version: int, topic: str, state: bytes) -> Aggregate:
    """The aggregate that was frozen. Raises `msgspec.DecodeError` where it does not fit."""
    created_on, modified_on, own = msgspec.json.decode(state, type=_Frozen)
    aggregate = msgspec.json.decode(own, type=AGGREGATE_TYPES[topic])
    aggregate.__base_init__(stream_id, version, created_on)
    aggregate.modified_on = modified_on
    return aggregate


@cache
def domain_fingerprint() -> str:
    """A digest of the domain's own source text."""
    digest = hashlib.sha256()
    for path in sorted(Path(orderlog.domain.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
