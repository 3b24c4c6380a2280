"""Orders as lines of a file: CSV for spreadsheets, NDJSON for programs, the same columns in both.

No personal data is in it: names and addresses stay with the order.
"""

import csv
import io
import time
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

import orjson

from orderlog.domain.money import format_decimal
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.order_list.queries import EveryOrder
from orderlog_projections.order_list.tables import OrderListRow
from orderlog_schema.scalars import describe_enum, format_moment

AMOUNTS: Final = frozenset({"total", "paid", "refunded"})
COLUMNS: Final = (
    "orderId",
    "number",
    "channelId",
    "customerId",
    "lifecycle",
    "paymentStatus",
    "fulfillmentStatus",
    "source",
    "currency",
    "total",
    "paid",
    "refunded",
    "itemCount",
    "lineCount",
    "placedAt",
    "createdAt",
    "updatedAt",
    "version",
    "position",
)
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - wide ones count, too
"""What makes a spreadsheet run a cell instead of showing it."""

ORDERS_MAX: Final = 1_000_000
REST_SECONDS: Final = 0.001
"""After each page, so that whoever else wants to be answered by this process is."""

Cell: TypeAlias = str | int | None


class Writable(Protocol):
    """A file, or what turns into one."""

    def write(self, data: bytes, /) -> object: ...


class ExportFormat(StrEnum):
    CSV = "CSV"
    NDJSON = "NDJSON"


describe_enum(
    ExportFormat,
    "What a file of orders looks like.",
    {
        "CSV": "For spreadsheets: RFC 4180, in UTF-8, with a line of column names.",
        "NDJSON": "For programs: a JSON object on each line.",
    },
)
MEDIA_TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.NDJSON: "application/x-ndjson",
}


def write_orders(orders: EveryOrder, kind: ExportFormat, file: Writable) -> None:
    """A page at a time. Raises `INVALID_VALUE` when there are too many for one file."""
    count = 0
    if kind is ExportFormat.CSV:
        file.write(_csv([COLUMNS]))
    for rows in orders.pages:
        count += len(rows)
        if count > ORDERS_MAX:
            message = f"A file has at most {ORDERS_MAX:,} orders; ask for fewer, by the filter."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("filter",), max=ORDERS_MAX)
        file.write(_lines(rows, kind))
        time.sleep(REST_SECONDS)


def _lines(rows: Sequence[OrderListRow], kind: ExportFormat) -> bytes:
    """A line for each row. Amounts are decimals in `currency`, never floats."""
    records = (_cells(row) for row in rows)
    if kind is ExportFormat.CSV:
        return _csv(_harmless(cells) for cells in records)
    documents = (dict(zip(COLUMNS, cells, strict=True)) for cells in records)
    return b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents)


def _cells(row: OrderListRow) -> Sequence[Cell]:
    """In the order of `COLUMNS`."""
    return (
        row.order_id,
        row.number,
        row.channel_id,
        row.customer_id,
        row.status,
        row.payment_status,
        row.fulfillment_status,
        row.source,
        row.currency,
        format_decimal(row.grand_total, row.exponent),
        format_decimal(row.paid_minor, row.exponent),
        format_decimal(row.refunded_minor, row.exponent),
        row.item_count,
        row.line_count,
        None if row.placed_at is None else format_moment(row.placed_at),
        format_moment(row.created_at),
        format_moment(row.updated_at),
        row.version,
        str(row.position),
    )


def _harmless(cells: Iterable[Cell]) -> list[Cell]:
    """With an apostrophe before each text that a spreadsheet would take for a formula."""
    return [
        f"'{cell}"
        if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) and name not in AMOUNTS
        else cell
        for name, cell in zip(COLUMNS, cells, strict=True)
    ]


def _csv(lines: Iterable[Iterable[Cell]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()
