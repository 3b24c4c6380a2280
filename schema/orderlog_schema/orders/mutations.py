"""Told: every command that an order takes."""

import strawberry

from orderlog_projections.order_page.queries import NAME
from orderlog_schema.commands import Answer, mutation
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING
from orderlog_schema.fields import asked
from orderlog_schema.orders import drafting, fulfilling, importing
from orderlog_schema.orders.queries import order_of
from orderlog_schema.orders.types import Order
from orderlog_schema.permissions import ADMIN, FULFILMENT, ORDERING, SUPPORT


@strawberry.type
class OrderAnswer(Answer):
    @asked("The order as it is now; null if nothing was done.", ASKING)
    async def order(self, info: Info) -> Order | None:
        order_id = await self.changed(info, "order-", NAME)
        return None if order_id is None else await order_of(info.context, order_id)


@strawberry.type
class OrderMutations:
    create_draft_order = mutation(
        drafting.CreateDraftOrderInput,
        OrderAnswer,
        "Begins an order, with as much of it as is known already.",
        to=ORDERING,
    )
    add_order_line = mutation(
        drafting.AddOrderLineInput, OrderAnswer, "Adds a line to a draft.", to=ORDERING
    )
    change_order_line_quantity = mutation(
        drafting.ChangeOrderLineQuantityInput,
        OrderAnswer,
        "Changes how many units a line of a draft has.",
        to=ORDERING,
    )
    remove_order_line = mutation(
        drafting.RemoveOrderLineInput, OrderAnswer, "Takes a line out of a draft.", to=ORDERING
    )
    set_order_address = mutation(
        drafting.SetOrderAddressInput,
        OrderAnswer,
        "Sets an address of a draft, or of a confirmed order of which nothing is shipped.",
        to=ORDERING,
    )
    select_shipping_method = mutation(
        drafting.SelectShippingMethodInput,
        OrderAnswer,
        "Selects how a draft is to travel.",
        to=ORDERING,
    )
    apply_discount = mutation(
        drafting.ApplyDiscountInput, OrderAnswer, "Gives a discount on a draft.", to=SUPPORT
    )
    remove_discount = mutation(
        drafting.RemoveDiscountInput, OrderAnswer, "Takes a discount off a draft.", to=SUPPORT
    )
    assign_customer = mutation(
        drafting.AssignCustomerInput,
        OrderAnswer,
        "Says which customer an order belongs to.",
        to=SUPPORT,
    )
    discard_draft = mutation(
        drafting.DiscardDraftInput, OrderAnswer, "Throws a draft away.", to=ORDERING
    )
    place_order = mutation(
        drafting.PlaceOrderInput,
        OrderAnswer,
        "Places a draft. Its process then reserves stock and asks for payment: watch the order.",
        to=ORDERING,
    )
    cancel_order = mutation(
        fulfilling.CancelOrderInput,
        OrderAnswer,
        "Calls an order off before anything is shipped.",
        to=ORDERING,
    )
    cancel_order_lines = mutation(
        fulfilling.CancelOrderLinesInput,
        OrderAnswer,
        "Cancels units that are not shipped yet.",
        to=SUPPORT,
    )
    record_lines_shipped = mutation(
        fulfilling.RecordLinesShippedInput,
        OrderAnswer,
        "Records that units left the warehouse.",
        to=FULFILMENT,
    )
    record_lines_delivered = mutation(
        fulfilling.RecordLinesDeliveredInput,
        OrderAnswer,
        "Records that units arrived.",
        to=FULFILMENT,
    )
    record_lines_returned = mutation(
        fulfilling.RecordLinesReturnedInput,
        OrderAnswer,
        "Records that units came back.",
        to=FULFILMENT,
    )
    add_order_note = mutation(
        fulfilling.AddOrderNoteInput, OrderAnswer, "Adds a note to an order.", to=SUPPORT
    )
    redact_order_note = mutation(
        fulfilling.RedactOrderNoteInput, OrderAnswer, "Takes the text of a note away.", to=SUPPORT
    )
    import_order = mutation(
        importing.ImportOrderInput,
        OrderAnswer,
        "Takes over an order of another system, at its historic time.",
        to=ADMIN,
    )
