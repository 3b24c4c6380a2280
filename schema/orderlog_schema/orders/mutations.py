"""Told: every command that an order takes."""

import strawberry

from orderlog_projections.order_page.queries import NAME
from orderlog_schema.commands import Answer, mutation
from orderlog_schema.context import Info
from orderlog_schema.fields import asked
from orderlog_schema.orders import inputs
from orderlog_schema.orders.queries import order_of
from orderlog_schema.orders.types import Order


@strawberry.type
class OrderAnswer(Answer):
    @asked("The order as it is now; null if nothing was done.")
    async def order(self, info: Info) -> Order | None:
        order_id = await self.changed(info, "order-", NAME)
        return None if order_id is None else await order_of(info.context, order_id)


@strawberry.type
class OrderMutations:
    create_draft_order = mutation(
        inputs.CreateDraftOrderInput,
        OrderAnswer,
        "Begins an order, with as much of it as is known already.",
    )
    add_order_line = mutation(inputs.AddOrderLineInput, OrderAnswer, "Adds a line to a draft.")
    change_order_line_quantity = mutation(
        inputs.ChangeOrderLineQuantityInput,
        OrderAnswer,
        "Changes how many units a line of a draft has.",
    )
    remove_order_line = mutation(
        inputs.RemoveOrderLineInput, OrderAnswer, "Takes a line out of a draft."
    )
    set_order_address = mutation(
        inputs.SetOrderAddressInput,
        OrderAnswer,
        "Sets an address of a draft, or of a confirmed order of which nothing is shipped.",
    )
    select_shipping_method = mutation(
        inputs.SelectShippingMethodInput, OrderAnswer, "Selects how a draft is to travel."
    )
    apply_discount = mutation(
        inputs.ApplyDiscountInput, OrderAnswer, "Gives a discount on a draft."
    )
    remove_discount = mutation(
        inputs.RemoveDiscountInput, OrderAnswer, "Takes a discount off a draft."
    )
    assign_customer = mutation(
        inputs.AssignCustomerInput, OrderAnswer, "Says which customer an order belongs to."
    )
    discard_draft = mutation(inputs.DiscardDraftInput, OrderAnswer, "Throws a draft away.")
    place_order = mutation(
        inputs.PlaceOrderInput,
        OrderAnswer,
        "Places a draft. Its process then reserves stock and asks for payment: watch the order.",
    )
    cancel_order = mutation(
        inputs.CancelOrderInput, OrderAnswer, "Calls an order off before anything is shipped."
    )
    cancel_order_lines = mutation(
        inputs.CancelOrderLinesInput, OrderAnswer, "Cancels units that are not shipped yet."
    )
    record_lines_shipped = mutation(
        inputs.RecordLinesShippedInput, OrderAnswer, "Records that units left the warehouse."
    )
    record_lines_delivered = mutation(
        inputs.RecordLinesDeliveredInput, OrderAnswer, "Records that units arrived."
    )
    record_lines_returned = mutation(
        inputs.RecordLinesReturnedInput, OrderAnswer, "Records that units came back."
    )
    add_order_note = mutation(inputs.AddOrderNoteInput, OrderAnswer, "Adds a note to an order.")
    redact_order_note = mutation(
        inputs.RedactOrderNoteInput, OrderAnswer, "Takes the text of a note away."
    )
    import_order = mutation(
        inputs.ImportOrderInput,
        OrderAnswer,
        "Takes over an order of another system, at its historic time.",
    )
