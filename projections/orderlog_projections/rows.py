"""A table is a struct: its columns follow from the fields, its rows are instances."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, CursorResult

from orderlog_projections.columns import kind_of, to_json, without_none
from orderlog_projections.copies import Copy, Slot

DELETED_ROWS_MAX: Final = 5_000
RowT = TypeVar("RowT", bound=msgspec.Struct)
Bind = Callable[[RowT], Sequence[Any]]
Load = Callable[[Sequence[Any]], RowT]
Columns = Callable[[], Sequence[sa.Column[Any]]]
Indexes = Sequence[Sequence[str]]


class RowTable(Generic[RowT]):
    """A table and the rows it keeps; made by `row_table` or `document_table`.

    `title` is what people call it; `name` is what this copy of it is called in the database.
    """

    def __init__(
        self,
        title: str,
        columns: Columns,
        indexes: Indexes,
        *,
        bind: Bind[RowT],
        load: Load[RowT],
        copy: Copy,
    ) -> None:
        self.title = title
        self.copy = copy
        self.name = copy.named(title)
        self.table = sa.Table(self.name, sa.MetaData(), *columns())
        self.columns = tuple(column.name for column in self.table.columns)
        self.key = tuple(column.name for column in self.table.primary_key)
        self.indexes = indexes
        self.bind = bind
        self.load = load
        self._make_columns = columns

    def beside(self, slot: Slot) -> "RowTable[RowT]":
        """The same table in another slot."""
        copy = self.copy.at(slot)
        return RowTable(
            self.title,
            self._make_columns,
            self.indexes,
            bind=self.bind,
            load=self.load,
            copy=copy,
        )

    def exists(self, connection: Connection) -> bool:
        return sa.inspect(connection).has_table(self.name)

    def create(self, connection: Connection) -> None:
        """With its indexes. Does nothing where it is there already."""
        if not self.exists(connection):
            self.table.create(connection)
            for fields in self.indexes:
                name = f"{self.title}_by_{'_'.join(fields)}_{secrets.token_hex(3)}"
                connection.exec_driver_sql(
                    f"CREATE INDEX {name} ON {self.name} ({', '.join(fields)})"
                )

    def drop(self, connection: Connection) -> None:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {self.name}")

    def drop_part(self, connection: Connection) -> bool:
        """Takes away as much as can be done quickly; whether there is more.

        SQLite would hold up all other writers for as long as it takes to drop a large table.
        """
        is_done = connection.dialect.name != "sqlite" or not self._emptied_more(connection)
        if is_done:
            self.drop(connection)
        return not is_done

    def _emptied_more(self, connection: Connection) -> bool:
        """First an index, for rows without are deleted ten times as fast."""
        if not self.exists(connection):
            return False
        for index in sa.inspect(connection).get_indexes(self.name)[:1]:
            connection.exec_driver_sql(f"DROP INDEX {index['name']}")
            return True
        some = f"SELECT rowid FROM {self.name} LIMIT {DELETED_ROWS_MAX}"  # noqa: S608 - our names
        deleted = connection.exec_driver_sql(f"DELETE FROM {self.name} WHERE rowid IN ({some})")  # noqa: S608 - our names
        return deleted.rowcount == DELETED_ROWS_MAX

    def analyze(self, connection: Connection) -> None:
        """Tells PostgreSQL what has come in, so that it plans queries well from the first on."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {self.name}")

    def rename(self, connection: Connection, slot: Slot) -> None:
        """Moves the rows to another slot, which must be free."""
        name = self.copy.at(slot).named(self.title)
        connection.exec_driver_sql(f"ALTER TABLE {self.name} RENAME TO {name}")

    @property
    def c(self) -> sa.ColumnCollection[str, sa.Column[Any]]:
        return self.table.columns

    def find(self, connection: Connection, keys: Sequence[str]) -> list[RowT]:
        """The rows with these keys, in no order."""
        statement = f"SELECT {', '.join(self.columns)} FROM {self.name}"  # noqa: S608 - our names
        load = self.load
        return [load(values) for values in self._among(connection, statement, keys)]

    def delete(self, connection: Connection, keys: Sequence[str]) -> None:
        if keys:
            self._among(connection, f"DELETE FROM {self.name}", keys)  # noqa: S608 - our names

    def upsert(self, connection: Connection, rows: Iterable[RowT]) -> None:
        """Writes rows over those with the same keys."""
        changes = ", ".join(f"{c} = excluded.{c}" for c in self.columns if c not in self.key)
        conflict = f" ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes}"
        self._write(connection, rows, conflict)

    def insert(self, connection: Connection, rows: Iterable[RowT]) -> None:
        """Adds rows. A key that is taken is an error: a page would be applied twice."""
        self._write(connection, rows, "")

    def _among(
        self, connection: Connection, statement: str, keys: Sequence[str]
    ) -> CursorResult[Any]:
        """For tables whose key is one column. All keys travel in one parameter."""
        (key,) = self.key
        parameter: object
        if connection.dialect.name == "sqlite":
            condition, parameter = "IN (SELECT value FROM json_each(?))", to_json(keys)
        else:
            condition, parameter = "= ANY(%b::text[])", list(keys)
        return connection.exec_driver_sql(f"{statement} WHERE {key} {condition}", (parameter,))

    def _write(self, connection: Connection, rows: Iterable[RowT], conflict: str) -> None:
        bind = self.bind
        values = [tuple(bind(row)) for row in rows]
        if not values:
            return
        insert = f"INSERT INTO {self.name} ({', '.join(self.columns)}) "
        if connection.dialect.name == "sqlite":
            marks = ", ".join("?" * len(self.columns))
            connection.exec_driver_sql(f"{insert}VALUES ({marks}){conflict}", values)
        else:  # a parameter per column: psycopg's executemany would use a pipeline
            arrays = tuple(list(column) for column in zip(*values, strict=True))
            source = f"SELECT * FROM unnest({self._array_marks()})"  # noqa: S608 - our names
            connection.exec_driver_sql(f"{insert}{source}{conflict}", arrays)

    def _array_marks(self) -> str:
        """Arrays travel in binary form: as text, each quote in a document is escaped in Python."""
        return ", ".join(
            "%b::bigint[]" if isinstance(column.type, sa.BigInteger) else "%b::text[]"
            for column in self.table.columns
        )


def row_table(
    title: str,
    row_type: type[RowT],
    *,
    key: Sequence[str],
    indexes: Indexes = (),
    version: int = 1,
) -> RowTable[RowT]:
    """A table with a column for each field; an index names its columns.

    Other columns or indexes need a new `version`: processes with older code read the older one.
    """
    kinds = {
        field: (kind_of(annotation), is_nullable)
        for field, (annotation, is_nullable) in _fields_of(row_type).items()
    }
    binds = [(i, kind.bind) for i, (kind, _) in enumerate(kinds.values()) if kind.bind]
    loads = [(i, kind.load) for i, (kind, _) in enumerate(kinds.values()) if kind.load]
    take = attrgetter(*kinds)
    return RowTable(
        title,
        lambda: [
            sa.Column(field, kind.type, primary_key=field in key, nullable=is_nullable)
            for field, (kind, is_nullable) in kinds.items()
        ],
        indexes,
        bind=lambda row: _converted(take(row), binds),
        load=lambda values: row_type(*_converted(values, loads)),
        copy=Copy(version),
    )


def document_table(
    title: str, row_type: type[RowT], *, key: str, version: int = 1
) -> RowTable[RowT]:
    """A table that keeps each row whole, as JSON beside its key."""
    text = kind_of(str).type
    key_of = attrgetter(key)
    decode = msgspec.json.Decoder(row_type).decode
    return RowTable(
        title,
        lambda: [
            sa.Column(key, text, primary_key=True),
            sa.Column("document", text, nullable=False),
        ],
        (),
        bind=lambda row: (key_of(row), to_json(row)),
        load=lambda values: decode(values[1]),
        copy=Copy(version),
    )


def _fields_of(row_type: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    hints = get_type_hints(row_type)
    return {field: without_none(hints[field]) for field in row_type.__struct_fields__}


def _converted(
    values: Sequence[Any], converters: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Sequence[Any]:
    """A copy in which each value that has a converter, and is there, is converted.

    `values` may be the first columns only, where a query leaves out the last.
    """
    converted, count = list(values), len(values)
    for index, convert in converters:
        if index < count and converted[index] is not None:
            converted[index] = convert(converted[index])
    return converted
