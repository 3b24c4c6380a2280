"""What the store needs from a database: the library's recorder, and appends that commit together.

An append is one transaction: the events of many commands and the answers of those that carried
an idempotency key. Beside the log stand the small tables of the write side.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

import msgspec
from eventsourcing.persistence import Notification, StoredEvent

EVENTS_TABLE: Final = "stored_events"

SIDE_TABLES: Final = (
    (
        "CREATE TABLE IF NOT EXISTS command_answers ("
        "scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, spans TEXT NOT NULL, "
        "PRIMARY KEY (scope, key))"
    ),
    "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS checkpoints (consumer TEXT PRIMARY KEY, position BIGINT NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS deadlines ("
        "consumer TEXT NOT NULL, key TEXT NOT NULL, due_at TEXT NOT NULL, "
        "PRIMARY KEY (consumer, key))"
    ),
    "CREATE TABLE IF NOT EXISTS subject_keys (subject_id TEXT PRIMARY KEY, key TEXT NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS snapshots ("
        "stream_id TEXT PRIMARY KEY, version BIGINT NOT NULL, topic TEXT NOT NULL, "
        "made_by TEXT NOT NULL, state BYTEA NOT NULL)"  # SQLite takes any name of a type
    ),
)


class CommandAnswer(msgspec.Struct, frozen=True):
    """What a command with an idempotency key did, kept in the transaction of its effect.

    `spans` says which events it appended: `(stream_id, first version, last version)`; their
    positions are looked up when the answer is given again.
    """

    scope: str
    key: str
    fingerprint: str
    spans: tuple[tuple[str, int, int], ...]


class Cursor(Protocol):
    """What both databases' cursors can do; rows are read by column name."""

    def execute(self, query: str, params: Sequence[object] = ()) -> object: ...
    def fetchone(self) -> Any: ...  # noqa: ANN401 - a row of either driver
    def fetchall(self) -> Any: ...  # noqa: ANN401 - rows of either driver


class LogRecorder(Protocol):
    """A recorder of the library, with grouped appends."""

    def append(
        self, events: Sequence[StoredEvent], answers: Sequence[CommandAnswer]
    ) -> Sequence[int]:
        """Appends all or nothing, in order, and returns the positions.

        Raises the library's `IntegrityError` when a version or an idempotency key is taken.
        """
        ...

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]: ...

    def select_stream(self, stream_id: str, after: int, limit: int) -> Sequence[Notification]: ...

    def max_notification_id(self) -> int | None: ...

    def create_tables(self) -> None: ...

    def cursor(self, *, commit: bool) -> AbstractContextManager[Cursor]:
        """A transaction of its own on the side tables; placeholders are written `?`."""
        ...

    def close(self) -> None: ...
