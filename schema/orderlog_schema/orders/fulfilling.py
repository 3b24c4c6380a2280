"""What an order can be told once placed: cancellations, units, notes."""

from collections.abc import Mapping

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import new_id
from orderlog.domain.orders.commands import (
    AddOrderNote,
    CancelOrder,
    CancelOrderLines,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    RedactOrderNote,
)
from orderlog.domain.orders.events import (
    LineQuantity,
    NoteVisibility,
    RefundPolicy,
)
from orderlog_schema.given import given, given_or
from orderlog_schema.money import MoneyInput, minor_of
from orderlog_schema.orders.inputs import ToOrder


@strawberry.input(description="Calls an order off before anything is shipped.")
class CancelOrderInput(ToOrder):
    reason_code: str = strawberry.field(description="Why: a code of yours.")
    note: str | None = strawberry.field(default=UNSET, description="Why, for people.")
    restock: bool | None = strawberry.field(
        default=UNSET, description="Whether its stock becomes available again; true if not given."
    )
    refund: RefundPolicy | None = strawberry.field(
        default=UNSET, description="What is given back; FULL if not given."
    )
    amount: MoneyInput | None = strawberry.field(
        default=UNSET, description="How much, where `refund` is AMOUNT."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"amount": self.amount}

    def command(self) -> CancelOrder:
        return CancelOrder(
            order_id=self.order,
            reason_code=self.reason_code,
            note=given(self.note),
            restock=given_or(self.restock, otherwise=True),
            refund=given_or(self.refund, RefundPolicy.FULL),
            amount_minor=minor_of(self.amount, "amount"),
        )


@strawberry.input(description="Units of a line.")
class LineQuantityInput:
    line_id: ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")


@strawberry.input
class ToLines(ToOrder):
    """What every command about units of lines has."""

    lines: list[LineQuantityInput] = strawberry.field(description="Which lines, how many units.")

    @property
    def quantities(self) -> tuple[LineQuantity, ...]:
        return tuple(LineQuantity(line.line_id, line.quantity) for line in self.lines)


@strawberry.input(description="Cancels units that are not shipped yet.")
class CancelOrderLinesInput(ToLines):
    reason_code: str = strawberry.field(description="Why: a code of yours.")

    def command(self) -> CancelOrderLines:
        return CancelOrderLines(
            order_id=self.order, lines=self.quantities, reason_code=self.reason_code
        )


@strawberry.input(description="Records that units left the warehouse.")
class RecordLinesShippedInput(ToLines):
    ref: str = strawberry.field(description="What proves it: the id of a parcel.")

    def command(self) -> RecordLinesShipped:
        return RecordLinesShipped(order_id=self.order, lines=self.quantities, ref=self.ref)


@strawberry.input(description="Records that units arrived.")
class RecordLinesDeliveredInput(ToLines):
    ref: str = strawberry.field(description="What proves it: the id of a parcel.")

    def command(self) -> RecordLinesDelivered:
        return RecordLinesDelivered(order_id=self.order, lines=self.quantities, ref=self.ref)


@strawberry.input(description="Records that units came back.")
class RecordLinesReturnedInput(ToLines):
    ref: str = strawberry.field(description="What proves it: the id of a return.")
    refund: MoneyInput | None = strawberry.field(
        default=UNSET, description="What is given back, where it is less than they are worth."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"refund": self.refund}

    def command(self) -> RecordLinesReturned:
        return RecordLinesReturned(
            order_id=self.order,
            lines=self.quantities,
            ref=self.ref,
            refund_minor=minor_of(self.refund, "refund"),
        )


@strawberry.input(description="Adds a note to an order.")
class AddOrderNoteInput(ToOrder):
    text: str = strawberry.field(description="What it says, 1 to 4,000 characters.")
    visibility: NoteVisibility | None = strawberry.field(
        default=UNSET, description="Who may read it; INTERNAL if not given."
    )
    note_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the note; made here if not given."
    )

    def command(self) -> AddOrderNote:
        return AddOrderNote(
            order_id=self.order,
            note_id=given(self.note_id) or new_id(),
            text=self.text,
            visibility=given_or(self.visibility, NoteVisibility.INTERNAL),
        )


@strawberry.input(description="Takes the text of a note away.")
class RedactOrderNoteInput(ToOrder):
    note_id: ID = strawberry.field(description="The note.")

    def command(self) -> RedactOrderNote:
        return RedactOrderNote(order_id=self.order, note_id=self.note_id)
