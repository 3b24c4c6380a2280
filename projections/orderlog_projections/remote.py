"""How far the read models have come, told from the process that keeps them to all others.

It tells the others after each page by `NOTIFY`, outside of the page's transaction: a commit that
notifies would hold up the commits of all others. What goes astray is read a second later.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import msgspec
import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.eventstore.errors import StoreUnavailable
from orderlog_projections import checkpoints
from orderlog_projections.consistency import Consistency
from orderlog_projections.database import ReadDatabase
from orderlog_projections.projection import Entries, Fold, Projection

CHANNEL: Final = "orderlog_read_models"
SAFETY_READ_SECONDS: Final = 1.0
HEARING_SECONDS: Final = 0.2
RECONNECT_SECONDS: Final = 0.5

Positions = Mapping[str, int]
"""By the key of a projection."""

_DECODER: Final = msgspec.json.Decoder(dict[str, int])


class Herald:
    """Tells other processes what a runner of this one has reached. For the runner's thread."""

    def __init__(self, database: ReadDatabase, projections: Iterable[Projection]) -> None:
        self._database = database
        self._keys = {projection.name: projection.key for projection in projections}
        self._session: psycopg.Connection[Any] | None = None

    def tell(self, position: int, names: Collection[str]) -> None:
        """Does nothing where the database is away: the others look for themselves."""
        told = msgspec.json.encode({self._keys[name]: position for name in names}).decode()
        try:
            session = self._session = self._session or self._database.session()
            session.execute("SELECT pg_notify(%s, %s)", (CHANNEL, told))
        except psycopg.Error:
            self.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None


class Follower:
    """Hears what read models have reached that other processes keep, and tells ours.

    `keeps` says of a name whether this process keeps it: then nobody knows better.
    """

    def __init__(
        self,
        database: ReadDatabase,
        projections: Iterable[Projection],
        consistency: Consistency,
        keeps: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._projections = {projection.key: projection for projection in projections}
        self._consistency = consistency
        self._keeps = keeps
        self._looking = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="orderlog-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Reads what all of them have reached. Raises `StoreUnavailable`."""
        with self._looking:
            positions = self._database.read(checkpoints.positions)
            self._consistency.rewound(
                {
                    projection.name: positions.get(key, 0)
                    for key, projection in self._projections.items()
                    if not self._keeps(projection.name)
                }
            )
            self._tell(positions)

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._database.session() as session:
                    session.execute(f"LISTEN {CHANNEL}")
                    self._hear(session)
            except (psycopg.Error, StoreUnavailable, msgspec.MsgspecError):
                self._stopped.wait(RECONNECT_SECONDS)

    def _hear(self, session: psycopg.Connection[Any]) -> None:
        look_at = 0.0
        while not self._stopped.is_set():
            if time.monotonic() >= look_at:
                self.look()
                look_at = time.monotonic() + SAFETY_READ_SECONDS
            newest: dict[str, int] = {}
            for told in session.notifies(timeout=HEARING_SECONDS, stop_after=1):
                newest |= _DECODER.decode(told.payload)
            with self._looking:
                self._tell(newest)

    def _tell(self, positions: Positions) -> None:
        for key, position in positions.items():
            projection = self._projections.get(key)
            if projection is not None:
                bring(self._consistency, self._database, projection, position)


def bring(
    consistency: Consistency, database: ReadDatabase, projection: Projection, position: int
) -> None:
    """Says that somebody else has brought a projection to a position; what is known is no news."""
    known = consistency.position_of(projection.name)

    def keys() -> frozenset[str]:
        return database.read(
            lambda connection: changed_keys(connection, projection, known, position)
        )

    if position > known:
        consistency.followed(position, projection.name, keys)


def changed_keys(
    connection: Connection, projection: Projection, after: int, until: int
) -> frozenset[str]:
    """The keys of rows whose last event lies between two positions."""
    return frozenset[str]().union(
        *(_changed(connection, part, after, until) for part in projection.parts)
    )


def _changed(
    connection: Connection, part: Fold[Any] | Entries[Any], after: int, until: int
) -> Iterable[str]:
    if not isinstance(part, Fold) or "position" not in part.table.columns:
        return ()
    (key,) = part.table.key
    c = part.table.c
    query = sa.select(c[key]).where(c.position > after, c.position <= until)
    return connection.execute(query).scalars()
