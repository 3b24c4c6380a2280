"""What was placed: the facts that the stories of an order need, read once and kept for a while."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from orderlog.application.metadata import derived_id
from orderlog.domain.aggregate import Event
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import (
    CaptureMode,
    LineQuantity,
    OrderImported,
    OrderPlaced,
    PlacedLine,
)
from orderlog.domain.stock.commands import stock_stream
from orderlog.eventstore.store import EventStore

PLACEMENTS_KEPT_MAX: Final = 2_000


def reservation_id(order_id: str, sku: str, warehouse_id: str) -> str:
    """One reservation per order, SKU and warehouse, whatever the number of lines."""
    return derived_id(order_id, sku, warehouse_id, "0")


def payment_id(order_id: str, attempt: int) -> str:
    return derived_id(order_id, "payment", str(attempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The units of one SKU that an order needs, summed over its lines."""

    sku: str
    warehouse_id: str
    line_id: str
    quantity: int
    reservation_id: str

    @property
    def stream_id(self) -> str:
        return stock_stream(self.warehouse_id, self.sku)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """An order as it was placed. Amounts are minor units; demands are in stream order."""

    order_id: str
    cause: Event
    currency: str
    grand_total: int
    capture_mode: CaptureMode
    payment_method: str
    reserve_until: datetime
    demands: tuple[Demand, ...]
    sku_of_line: dict[str, str]

    @property
    def reservation_ids(self) -> tuple[str, ...]:
        return tuple(demand.reservation_id for demand in self.demands)

    def payment_ids(self, attempts: int) -> list[str]:
        return [payment_id(self.order_id, number) for number in range(1, attempts + 1)]

    def units_by_sku(self, lines: Iterable[LineQuantity]) -> dict[str, int]:
        """Units of lines that hold stock; fees and services hold none."""
        units: dict[str, int] = {}
        for entry in lines:
            sku = self.sku_of_line.get(entry.line_id)
            if sku is not None:
                units[sku] = units.get(sku, 0) + entry.quantity
        return units


def placement_of(placed: OrderPlaced | OrderImported, warehouse_id: str) -> Placement:
    order_id = placed.originator_id.removeprefix(order_stream(""))
    stocked = [line for line in placed.lines if line.requires_shipping]
    return Placement(
        order_id=order_id,
        cause=placed,
        currency=placed.currency,
        grand_total=placed.grand_total,
        capture_mode=placed.capture_mode,
        payment_method=placed.payment_method,
        reserve_until=placed.reserve_until,
        demands=_demands_of(order_id, stocked, warehouse_id),
        sku_of_line={line.line_id: line.sku for line in stocked},
    )


def _demands_of(
    order_id: str, lines: Iterable[PlacedLine], warehouse_id: str
) -> tuple[Demand, ...]:
    """Summed before anybody asks: two lines of one SKU must not each see the whole stock."""
    first_line: dict[str, str] = {}
    quantities: dict[str, int] = {}
    for line in lines:
        first_line.setdefault(line.sku, line.line_id)
        quantities[line.sku] = quantities.get(line.sku, 0) + line.quantity
    return tuple(
        Demand(
            sku=sku,
            warehouse_id=warehouse_id,
            line_id=first_line[sku],
            quantity=quantities[sku],
            reservation_id=reservation_id(order_id, sku, warehouse_id),
        )
        for sku in sorted(quantities)
    )


class Placements:
    """The most recent placements; what was forgotten is read from the order's stream again."""

    def __init__(self, store: EventStore, warehouse_id: str) -> None:
        self._store = store
        self._warehouse_id = warehouse_id
        self._kept: OrderedDict[str, Placement] = OrderedDict()

    def keep(self, placed: OrderPlaced | OrderImported) -> Placement:
        placement = placement_of(placed, self._warehouse_id)
        self._kept[placement.order_id] = placement
        if len(self._kept) > PLACEMENTS_KEPT_MAX:
            self._kept.popitem(last=False)
        return placement

    async def get(self, order_id: str) -> Placement:
        """Raises `LookupError` where the order was never placed."""
        kept = self._kept.get(order_id)
        if kept is not None:
            return kept
        for event in await self.events(order_stream(order_id)):
            if isinstance(event, OrderPlaced | OrderImported):
                return self.keep(event)
        message = f"order {order_id} was never placed"
        raise LookupError(message)

    async def events(self, stream_id: str) -> list[Event]:
        """The whole of a stream, from the log: for what no aggregate remembers."""
        return await asyncio.to_thread(
            lambda: [recorded.event for recorded in self._store.stream(stream_id)]
        )
