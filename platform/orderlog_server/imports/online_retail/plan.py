"""The whole file as steps in the order of time, before anything is sent: rows in, plan out."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from orderlog.domain.rejections import ErrorCode
from orderlog_server.imports.online_retail.credits import Purchases, credit_of, credit_refusal
from orderlog_server.imports.online_retail.rows import Row
from orderlog_server.imports.online_retail.sales import (
    adjust_step,
    bucket_of,
    place_step,
    sale_refusal,
)
from orderlog_server.imports.online_retail.steps import (
    Adjust,
    AnyStep,
    Bucket,
    CancelSome,
    CancelWhole,
    Place,
    Ship,
    TakeBack,
)

ORDERS_PER_WINDOW: Final = 200
SHIPPED_AFTER: Final = timedelta(hours=24)
"""Generated, as the file says nothing about it: after the last moment for a cancellation."""

Refusal = tuple[Row, ErrorCode]


@dataclass(frozen=True, slots=True)
class Window:
    """Some days of trade: all orders are placed first, then comes the rest in order of time."""

    orders: Sequence[Place]
    rest: Sequence[AnyStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`steps` are those to be sent, `refused` the rows that no step stands for.

    `remainders` are units of credit rows beyond what was bought. `opening` is the stock by SKU
    that the whole file needs, whatever part of it is sent.
    """

    steps: Sequence[AnyStep]
    refused: Sequence[Refusal]
    remainders: Sequence[tuple[Row, int]]
    opening: dict[str, int]
    row_count: int

    @property
    def windows(self) -> Iterator[Window]:
        return windows_of(self.steps)


def plan_import(rows: Iterable[Row], limit: int | None = None) -> Plan:
    """Plans all rows; those of the first whole invoices, up to `limit` rows, are to be sent."""
    planner = Planner(limit)
    for invoice in _invoices(rows):
        planner.take(invoice)
    return planner.plan()


def windows_of(steps: Iterable[AnyStep]) -> Iterator[Window]:
    orders: list[Place] = []
    rest: list[AnyStep] = []
    for step in steps:
        if not isinstance(step, Place):
            rest.append(step)
            continue
        if len(orders) == ORDERS_PER_WINDOW:
            yield Window(orders, rest)
            orders, rest = [], []
        orders.append(step)
    if orders or rest:
        yield Window(orders, rest)


def opening_stock(steps: Iterable[AnyStep]) -> dict[str, int]:
    """The peak of the running net demand by SKU, so that nothing is refused.

    Within a window everything is taken before anything is given back: so it is sent.
    """
    net: dict[str, int] = defaultdict(int)
    peak: dict[str, int] = defaultdict(int)
    for window in windows_of(steps):
        for sku, units in _taken(window):
            net[sku] += units
            peak[sku] = max(peak[sku], net[sku])
        for sku, units in _given_back(window):
            net[sku] -= units
    return dict(peak)


def _taken(window: Window) -> Iterator[tuple[str, int]]:
    for order in window.orders:
        for sold in order.lines:
            if sold.is_goods:
                yield sold.row.sku, sold.row.quantity
    for step in window.rest:
        if isinstance(step, Adjust):
            yield step.sku, -step.delta


def _given_back(window: Window) -> Iterator[tuple[str, int]]:
    for step in window.rest:
        if isinstance(step, CancelWhole | CancelSome | TakeBack):
            for sold, units in step.units.items():
                if sold.is_goods:
                    yield sold.row.sku, units


def _invoices(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows by invoice, in order of time: the first time of an invoice counts for all of it."""
    by_number: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_number[row.invoice].append(row)
    return sorted(by_number.values(), key=lambda invoice: invoice[0].at)


class Cut(NamedTuple):
    """How much of everything there was when the limit was reached."""

    steps: int
    refused: int
    remainders: int
    rows: int


class Planner:
    """Takes invoices in the order of time."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._steps: list[AnyStep] = []
        self._refused: list[Refusal] = []
        self._purchases = Purchases()
        self._unshipped: deque[Place] = deque()
        self._row_count = 0
        self._remainders: list[tuple[Row, int]] = []
        self._cut: Cut | None = None

    def take(self, invoice: Sequence[Row]) -> None:
        self._ship_due(lambda order: order.at + SHIPPED_AFTER < invoice[0].at)
        self._mark_limit(len(invoice))
        self._row_count += len(invoice)
        match invoice[0].invoice[0].upper():
            case "A":
                self._refused += [(row, ErrorCode.NEGATIVE_PRICE) for row in invoice]
            case "C":
                self._take_credit(invoice)
            case _:
                self._take_sale(invoice)

    def plan(self) -> Plan:
        if self._cut is None:
            self._ship_due(lambda _: True)
        cut = self._cut or self._here()
        return Plan(
            steps=self._steps[: cut.steps],
            refused=self._refused[: cut.refused],
            remainders=self._remainders[: cut.remainders],
            opening=opening_stock(self._steps),
            row_count=cut.rows,
        )

    def _here(self) -> Cut:
        return Cut(len(self._steps), len(self._refused), len(self._remainders), self._row_count)

    def _mark_limit(self, coming: int) -> None:
        is_over = self._limit is not None and self._row_count + coming > self._limit
        if is_over and self._cut is None:
            self._cut = self._here()

    def _ship_due(self, is_due: Callable[[Place], bool]) -> None:
        while self._unshipped and is_due(self._unshipped[0]):
            order = self._unshipped.popleft()
            units = {sold: n for sold, n in order.open_units.items() if sold.is_goods}
            if units:
                key, at = f"ship/{order.invoice}", order.at + SHIPPED_AFTER
                self._steps.append(Ship(key=key, at=at, order=order, units=units))

    def _take_credit(self, invoice: Sequence[Row]) -> None:
        rows = [row for row in invoice if self._is_taken(row, credit_refusal(row))]
        credit = credit_of(rows, self._purchases, invoice[0].at)
        self._steps += credit.steps
        self._refused += credit.refused
        self._remainders += credit.remainders

    def _take_sale(self, invoice: Sequence[Row]) -> None:
        rows = [
            (row, bucket)
            for row in invoice
            if self._is_taken(row, sale_refusal(row, bucket := bucket_of(row)))
        ]
        sold = [(row, bucket) for row, bucket in rows if bucket is not Bucket.STOCK_ADJUSTMENT]
        if sold:
            order = place_step(sold)
            self._steps.append(order)
            self._unshipped.append(order)
            self._purchases.remember(order)
        for number, (row, bucket) in enumerate(rows, start=1):
            if bucket is Bucket.STOCK_ADJUSTMENT:
                self._steps.append(adjust_step(row, number))

    def _is_taken(self, row: Row, refusal: ErrorCode | None) -> bool:
        if refusal is not None:
            self._refused.append((row, refusal))
        return refusal is None
