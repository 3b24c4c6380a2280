"""How two copies of a read model differ: counts and checksums, and where these differ, the rows."""

import hashlib
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog_projections.copies import Slot
from orderlog_projections.projection import Projection
from orderlog_projections.rows import RowTable

SAMPLE_ROWS_MAX: Final = 10
_STREAMED_ROWS: Final = 2_000

Value = int | str | None
Table = RowTable[Any]


class Sample(msgspec.Struct, frozen=True):
    """A row that differs: by column what serving and the other copy say; None where it is not."""

    key: dict[str, Value]
    serving: dict[str, Value] | None
    other: dict[str, Value] | None


class TableComparison(msgspec.Struct, frozen=True):
    """Checksums are over all rows in the order of their keys, the same on every database."""

    table: str
    serving_rows: int
    other_rows: int
    in_both: int
    different: int
    serving_checksum: str
    other_checksum: str
    sample: list[Sample]

    @property
    def only_serving(self) -> int:
        return self.serving_rows - self.in_both

    @property
    def only_other(self) -> int:
        return self.other_rows - self.in_both

    @property
    def is_equal(self) -> bool:
        return self.serving_checksum == self.other_checksum


class Comparison(msgspec.Struct, frozen=True):
    """Two copies that have read the log up to the same position."""

    projection: str
    position: int
    tables: list[TableComparison]

    @property
    def is_equal(self) -> bool:
        return all(table.is_equal for table in self.tables)


def compare(
    connection: Connection, serving: Projection, other: Projection, position: int
) -> Comparison:
    """Reads both from end to end. The connection sees them at one moment."""
    pairs = zip(serving.tables, other.tables, strict=True)
    tables = [_compare_tables(connection, *pair) for pair in pairs]
    return Comparison(serving.name, position, tables)


def _compare_tables(connection: Connection, serving: Table, other: Table) -> TableComparison:
    serving_rows, serving_checksum = checksum(connection, serving)
    other_rows, other_checksum = checksum(connection, other)
    in_both, different, sample = serving_rows, 0, list[Sample]()
    if serving_checksum != other_checksum:
        in_both, different = _counts(connection, serving, other)
        sample = [
            *_sample_different(connection, serving, other),
            *(_only(serving, values) for values in _missing(connection, serving, other)),
            *(_only(other, values) for values in _missing(connection, other, serving)),
        ]
    return TableComparison(
        table=serving.title,
        serving_rows=serving_rows,
        other_rows=other_rows,
        in_both=in_both,
        different=different,
        serving_checksum=serving_checksum,
        other_checksum=other_checksum,
        sample=sample[:SAMPLE_ROWS_MAX],
    )


def checksum(connection: Connection, table: Table) -> tuple[int, str]:
    """How many rows there are, and a digest of all of them in the order of their keys."""
    query = sa.select(table.table).order_by(*(table.c[name] for name in table.key))
    streamed = connection.execute(query, execution_options={"yield_per": _STREAMED_ROWS})
    digest, count, encode = hashlib.sha256(), 0, msgspec.json.Encoder().encode_lines
    for rows in streamed.partitions():
        digest.update(encode([tuple(row) for row in rows]))
        count += len(rows)
    return count, digest.hexdigest()


def _joined(serving: Table, other: Table) -> sa.Join:
    return sa.join(serving.table, other.table, _same_key(serving, other))


def _same_key(serving: Table, other: Table) -> sa.ColumnElement[bool]:
    return sa.and_(*(serving.c[name] == other.c[name] for name in serving.key))


def _differs(serving: Table, other: Table) -> sa.ColumnElement[bool]:
    names = [name for name in serving.columns if name not in serving.key]
    return sa.or_(sa.false(), *(serving.c[n].is_distinct_from(other.c[n]) for n in names))


def _counts(connection: Connection, serving: Table, other: Table) -> tuple[int, int]:
    """How many keys are in both, and how many of their rows differ."""
    differs = sa.case((_differs(serving, other), 1), else_=0)
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(differs), 0))
    in_both, different = connection.execute(query.select_from(_joined(serving, other))).one()
    return in_both, int(different)


def _sample_different(connection: Connection, serving: Table, other: Table) -> list[Sample]:
    query = (
        sa.select(serving.table, *(other.c[name].label(f"other_{name}") for name in other.columns))
        .select_from(_joined(serving, other))
        .where(_differs(serving, other))
        .order_by(*(serving.c[name] for name in serving.key))
        .limit(SAMPLE_ROWS_MAX)
    )
    width = len(serving.columns)
    return [
        _changed(serving, tuple(row[:width]), tuple(row[width:]))
        for row in connection.execute(query)
    ]


def _changed(table: Table, ours: tuple[Value, ...], theirs: tuple[Value, ...]) -> Sample:
    """With those columns alone that differ."""
    pairs = zip(table.columns, ours, theirs, strict=True)
    changed = [(name, a, b) for name, a, b in pairs if a != b]
    return Sample(
        key=_key(table, ours),
        serving={name: a for name, a, _ in changed},
        other={name: b for name, _, b in changed},
    )


def _missing(connection: Connection, here: Table, there: Table) -> list[tuple[Value, ...]]:
    """Rows of one copy that the other does not have."""
    absent = ~sa.exists().where(_same_key(here, there))
    query = sa.select(here.table).where(absent).limit(SAMPLE_ROWS_MAX)
    return [tuple(row) for row in connection.execute(query)]


def _only(table: Table, values: tuple[Value, ...]) -> Sample:
    row = dict(zip(table.columns, values, strict=True))
    is_serving = table.copy.slot is Slot.SERVING
    return Sample(_key(table, values), row if is_serving else None, None if is_serving else row)


def _key(table: Table, values: tuple[Value, ...]) -> dict[str, Value]:
    row = zip(table.columns, values, strict=True)
    return {name: value for name, value in row if name in table.key}
