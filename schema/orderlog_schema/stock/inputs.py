"""What stock can be told: each input says which command it stands for."""

from collections.abc import Sequence
from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from orderlog.domain.commands import Command
from orderlog.domain.stock.commands import (
    AdjustStock,
    CommitReservation,
    ExtendReservation,
    ReceiveStock,
    RegisterStockItem,
    ReleaseReason,
    ReleaseReservation,
    ReserveStock,
    RestockReturn,
    ShipStock,
    WriteOffStock,
)
from orderlog_schema.commands import CommandInput
from orderlog_schema.context import Context
from orderlog_schema.given import given, given_or
from orderlog_schema.relay import uuid_of


@strawberry.input
class ToStock(CommandInput):
    """What every command to stock has."""

    sku: str = strawberry.field(description="The SKU.")
    warehouse_id: str = strawberry.field(description="The warehouse.")

    async def commands(self, context: Context) -> Sequence[Command]:
        """Raises `WAREHOUSE_NOT_FOUND`: a stock item cannot know which warehouses there are."""
        context.warehouses.require(self.warehouse_id)
        return await super().commands(context)


@strawberry.input
class ToReservation(ToStock):
    """What every command to a reservation has."""

    reservation_id: ID = strawberry.field(description="The reservation.")


@strawberry.input(description="Begins to keep stock of a SKU in a warehouse.")
class RegisterStockItemInput(ToStock):
    safety_stock: int | None = strawberry.field(
        default=UNSET, description="Units that are never promised; 0 if not given."
    )

    def command(self) -> RegisterStockItem:
        return RegisterStockItem(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            safety_stock=given_or(self.safety_stock, 0),
        )


@strawberry.input(description="Records that units came in.")
class ReceiveStockInput(ToStock):
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")
    reference: str = strawberry.field(description="What proves it: a delivery note.")

    def command(self) -> ReceiveStock:
        return ReceiveStock(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            quantity=self.quantity,
            reference=self.reference,
        )


@strawberry.input(description="Corrects the units on hand: by `delta`, or by a count.")
class AdjustStockInput(ToStock):
    reason_code: str = strawberry.field(description="Why: a code of yours.")
    delta: int | None = strawberry.field(default=UNSET, description="How many more, or fewer.")
    counted: int | None = strawberry.field(default=UNSET, description="How many were counted.")
    counted_from: int | None = strawberry.field(
        default=UNSET, description="With a count: how many were on hand by the book."
    )

    def command(self) -> AdjustStock:
        return AdjustStock(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            reason_code=self.reason_code,
            delta=given(self.delta),
            counted=given(self.counted),
            counted_from=given(self.counted_from),
        )


@strawberry.input(description="Promises units to a line of an order.")
class ReserveStockInput(ToReservation):
    order_id: ID = strawberry.field(description="The order: its global id, or its UUID.")
    line_id: ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")
    expires_at: datetime | None = strawberry.field(
        default=UNSET, description="How long it is held; until released if not given."
    )

    def command(self) -> ReserveStock:
        return ReserveStock(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            reservation_id=self.reservation_id,
            order_id=uuid_of("Order", self.order_id, "orderId"),
            line_id=self.line_id,
            quantity=self.quantity,
            expires_at=given(self.expires_at),
        )


@strawberry.input(description="Makes a reservation final: it does not expire any more.")
class CommitReservationInput(ToReservation):
    def command(self) -> CommitReservation:
        return CommitReservation(
            sku=self.sku, warehouse_id=self.warehouse_id, reservation_id=self.reservation_id
        )


@strawberry.input(description="Holds a reservation for longer.")
class ExtendReservationInput(ToReservation):
    expires_at: datetime = strawberry.field(description="How long it is held.")

    def command(self) -> ExtendReservation:
        return ExtendReservation(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            reservation_id=self.reservation_id,
            expires_at=self.expires_at,
        )


@strawberry.input(description="Lets a reservation go, or some of its units.")
class ReleaseReservationInput(ToReservation):
    reason: ReleaseReason = strawberry.field(description="Why.")
    quantity: int | None = strawberry.field(
        default=UNSET, description="How many units; all of them if not given."
    )

    def command(self) -> ReleaseReservation:
        return ReleaseReservation(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            reservation_id=self.reservation_id,
            reason=self.reason,
            quantity=given(self.quantity),
        )


@strawberry.input(description="Records that reserved units left the warehouse.")
class ShipStockInput(ToReservation):
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")

    def command(self) -> ShipStock:
        return ShipStock(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            reservation_id=self.reservation_id,
            quantity=self.quantity,
        )


@strawberry.input(description="Puts returned units back on the shelf.")
class RestockReturnInput(ToStock):
    return_id: ID = strawberry.field(description="The return.")
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")

    def command(self) -> RestockReturn:
        return RestockReturn(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            return_id=self.return_id,
            quantity=self.quantity,
        )


@strawberry.input(description="Takes lost or damaged units off the books.")
class WriteOffStockInput(ToStock):
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")
    reason_code: str = strawberry.field(description="Why: a code of yours.")

    def command(self) -> WriteOffStock:
        return WriteOffStock(
            sku=self.sku,
            warehouse_id=self.warehouse_id,
            quantity=self.quantity,
            reason_code=self.reason_code,
        )
