"""What became of every row: by bucket, by code of refusal, and by month beside the read model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from orderlog.domain.money import UNIT_PRICE_SCALE_MAX, format_decimal
from orderlog_projections.sales_by_period.queries import Sales
from orderlog_server.imports.online_retail.rows import Row
from orderlog_server.imports.online_retail.steps import AnyStep, Booked, Bucket, Place, Rows, Ship

MICROS_PER_MINOR: Final = 10_000
MINOR_SCALE: Final = 2


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one bucket: what the file says, what was booked, and what lies between them."""

    bucket: str
    lines: int
    in_file: str
    booked: str
    difference: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were rejected with one code, and the first of them."""

    code: str
    lines: int
    in_file: str
    example: str


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """Revenue of a month by the file's accepted rows and by the read model."""

    month: str
    from_file: str
    read_model: str
    difference: str


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """`total` sums the buckets; `unfinished` counts rows of steps that were never answered."""

    lines: int
    buckets: list[Amounts]
    total: Amounts
    rejections: list[Refused]
    months: list[Month]
    orders: int
    orders_confirmed: int
    shipments: int
    shipments_refused: int
    partly_matched_lines: int
    partly_matched_without_order: str
    unfinished: int
    is_reconciled: bool


@dataclass(slots=True)
class Tally:
    """`file_micros` is exact: prices have up to six decimals."""

    lines: int = 0
    file_micros: int = 0
    booked_minor: int = 0

    def add_rows(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.lines += 1
            self.file_micros += micros(row)

    def add(self, other: "Tally") -> None:
        self.lines += other.lines
        self.file_micros += other.file_micros
        self.booked_minor += other.booked_minor


def micros(row: Row, units: int | None = None) -> int:
    """The exact amount of a row, or of some units of it, in millionths."""
    scale: int = 10 ** (UNIT_PRICE_SCALE_MAX - row.price.scale)
    return row.price.amount * scale * (row.quantity if units is None else units)


@dataclass(slots=True)
class Ledger:
    """Fed with every step and how it ended, and with the rows that no step stands for."""

    buckets: dict[Bucket, Tally] = field(default_factory=lambda: defaultdict(Tally))
    codes: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    examples: dict[str, Row] = field(default_factory=dict[str, Row])
    months: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    remainder: Tally = field(default_factory=Tally)
    unfinished: int = 0

    def accept(self, step: AnyStep) -> None:
        self.counts[type(step).__name__] += 1
        self._book(step.rows, step.booked)
        self.months[f"{step.at:%Y-%m}"] += sum(step.booked.values())

    def refuse(self, step: AnyStep, code: str) -> None:
        self.counts[f"refused {type(step).__name__}"] += 1
        for rows in step.rows.values():
            for row in rows:
                self.refuse_row(row, code)

    def refuse_row(self, row: Row, code: str) -> None:
        self.codes[code].add_rows([row])
        self.buckets[Bucket.REJECTED].add_rows([row])
        self.examples.setdefault(code, row)

    def leave(self, step: AnyStep) -> None:
        """Not answered: an interrupted import, or the fault of a part."""
        self.unfinished += sum(map(len, step.rows.values()))

    def leave_over(self, row: Row, units: int) -> None:
        """Units of a matched credit row for which no purchase was found."""
        self.remainder.lines += 1
        self.remainder.file_micros += micros(row, units)

    def _book(self, rows: Rows, booked: Booked) -> None:
        for bucket, some in rows.items():
            self.buckets[bucket].add_rows(some)
        for bucket, amount in booked.items():
            self.buckets[bucket].booked_minor += amount

    def reconcile(self, row_count: int, sales: Iterable[Sales]) -> Reconciliation:
        """Compares with what the read model says about the months of the file."""
        total = Tally()
        for tally in self.buckets.values():
            total.add(tally)
        months = _months(self.months, {one.label: one.revenue for one in sales})
        placed, refused = self.counts[Place.__name__], self.counts[f"refused {Place.__name__}"]
        return Reconciliation(
            lines=row_count,
            buckets=[_amounts(bucket, self.buckets[bucket]) for bucket in Bucket],
            total=_amounts("all lines", total),
            rejections=[self._refused(code) for code in sorted(self.codes)],
            months=months,
            orders=placed + refused,
            orders_confirmed=placed,
            shipments=self.counts[Ship.__name__],
            shipments_refused=self.counts[f"refused {Ship.__name__}"],
            partly_matched_lines=self.remainder.lines,
            partly_matched_without_order=_exact(self.remainder.file_micros),
            unfinished=self.unfinished,
            is_reconciled=total.lines == row_count
            and all(one.from_file == one.read_model for one in months),
        )

    def _refused(self, code: str) -> Refused:
        tally, row = self.codes[code], self.examples[code]
        example = f"line {row.line}: {row.invoice} {row.quantity} × {row.sku} at {row.price.text}"
        return Refused(
            code=code, lines=tally.lines, in_file=_exact(tally.file_micros), example=example
        )


def _months(from_file: Mapping[str, int], read_model: Mapping[str, int]) -> list[Month]:
    def month(label: str) -> Month:
        expected, found = from_file.get(label, 0), read_model.get(label, 0)
        return Month(
            month=label,
            from_file=_pounds(expected),
            read_model=_pounds(found),
            difference=_pounds(found - expected),
        )

    return [month(label) for label in sorted({*from_file, *read_model})]


def _amounts(name: str, tally: Tally) -> Amounts:
    difference = tally.file_micros - tally.booked_minor * MICROS_PER_MINOR
    return Amounts(
        bucket=name,
        lines=tally.lines,
        in_file=_exact(tally.file_micros),
        booked=_pounds(tally.booked_minor),
        difference=_exact(difference),
    )


def _pounds(minor: int) -> str:
    return format_decimal(minor, MINOR_SCALE)


def _exact(amount_micros: int) -> str:
    """With as many decimals as it needs, two at least."""
    whole, fraction = format_decimal(amount_micros, UNIT_PRICE_SCALE_MAX).split(".")
    return f"{whole}.{fraction.rstrip('0').ljust(MINOR_SCALE, '0')}"
