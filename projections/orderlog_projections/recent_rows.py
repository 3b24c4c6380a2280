"""The rows that this process wrote last: to fold or to show them again, nothing need be read.

They are the newest that there are for as long as nobody else writes the same tables, which the
checkpoint tells: a page is refused where it is not where this process left it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Connection

from orderlog_projections.rows import RowTable

ROWS_KEPT_MAX: Final = 4_000
"""Of one read model: orders are looked at again within seconds, or much later."""

RowT = TypeVar("RowT", bound=msgspec.Struct)
Place: TypeAlias = tuple[str, str]
"""The title of a table, and the key of a row."""


class RecentRows:
    """Of one read model. One thread keeps them, any may look."""

    def __init__(self) -> None:
        self._rows: dict[Place, Any] = {}
        self._position = 0

    def at(self, position: int, table: RowTable[RowT], key: str) -> RowT | None:
        """The row as it is at a position; None where that is not known here."""
        row: RowT | None = self._rows.get((table.title, key))
        return row if self._position == position else None

    def keep(self, written: "WrittenRows", position: int) -> None:
        """What a page has left, once it is committed."""
        for place, row in written.rows.items():
            self._rows.pop(place, None)
            if row is not None:
                self._rows[place] = row
        for place in list(self._rows)[: max(0, len(self._rows) - ROWS_KEPT_MAX)]:
            self._rows.pop(place)
        self._position = position

    def forget(self) -> None:
        """Somebody else has written."""
        self._rows.clear()
        self._position = 0

    def get(self, place: Place) -> Any:  # noqa: ANN401 - a row of any table
        return self._rows.get(place)


class WrittenRows:
    """The rows of one transaction, on top of what was known before it."""

    def __init__(self, recent: RecentRows | None = None) -> None:
        self.rows: dict[Place, Any] = {}
        self._recent = recent or RecentRows()

    def find(
        self,
        connection: Connection,
        table: RowTable[RowT],
        keys: Iterable[str],
        key_of: Callable[[RowT], str],
    ) -> dict[str, RowT]:
        """The rows with these keys by key: what is not at hand is read."""
        at_hand = {key: self._recent.get((table.title, key)) for key in keys}
        missing = [key for key, row in at_hand.items() if row is None]
        read = {key_of(row): row for row in table.find(connection, missing)} if missing else {}
        return {key: row for key, row in at_hand.items() if row is not None} | read

    def wrote(self, table: RowTable[Any], rows: Mapping[str, msgspec.Struct | None]) -> None:
        """None for a row that is gone."""
        self.rows.update({(table.title, key): row for key, row in rows.items()})

    def doubt(self, table: RowTable[Any], keys: Iterable[str]) -> None:
        """How these rows stand is for the database to say."""
        self.rows.update(dict.fromkeys([(table.title, key) for key in keys]))
