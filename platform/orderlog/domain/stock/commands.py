"""What the stock of one SKU in one warehouse can be asked. Quantities are whole units."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


def stock_stream(warehouse_id: str, sku: str) -> str:
    """A warehouse id has no hyphen, so that the SKU may have some."""
    return f"stock-{warehouse_id}-{sku}"


def parse_stock_stream(stream_id: str) -> tuple[str, str]:
    """`(warehouse_id, sku)` of a stock stream."""
    _, warehouse_id, sku = stream_id.split("-", 2)
    return warehouse_id, sku


class ReleaseReason(StrEnum):
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    EDITED = "EDITED"
    SHORTAGE = "SHORTAGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToStock:
    sku: str
    warehouse_id: str

    @property
    def stream_id(self) -> str:
        return stock_stream(self.warehouse_id, self.sku)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStockItem(_ToStock):
    """Backorder and preorder policies come later: for now stock that is not there is denied."""

    safety_stock: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveStock(_ToStock):
    quantity: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStock(_ToStock):
    """Either a `delta`, or a count: `counted` units when the book said `counted_from`."""

    reason_code: str
    delta: int | None = None
    counted: int | None = None
    counted_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveStock(_ToStock):
    """The same live reservation id again adds no event."""

    reservation_id: str
    order_id: str
    line_id: str
    quantity: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitReservation(_ToStock):
    reservation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendReservation(_ToStock):
    reservation_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReservation(_ToStock):
    """An unknown or closed id is no error and adds no event. No `quantity` means all of it."""

    reservation_id: str
    reason: ReleaseReason
    quantity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireReservation(_ToStock):
    reservation_id: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipStock(_ToStock):
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockReturn(_ToStock):
    return_id: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffStock(_ToStock):
    quantity: int
    reason_code: str


StockCommand: TypeAlias = (
    RegisterStockItem
    | ReceiveStock
    | AdjustStock
    | ReserveStock
    | CommitReservation
    | ExtendReservation
    | ReleaseReservation
    | ExpireReservation
    | ShipStock
    | RestockReturn
    | WriteOffStock
)
