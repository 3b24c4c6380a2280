"""What a draft can be told, up to its placement: each input says which commands it stands for."""

from collections.abc import Mapping, Sequence

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import new_id, utc_now
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ApplyDiscount,
    AssignCustomer,
    ChangeOrderLineQuantity,
    CreateDraftOrder,
    DiscardDraft,
    PlaceOrder,
    RemoveDiscount,
    RemoveOrderLine,
    SelectShippingMethod,
    order_stream,
)
from orderlog.domain.orders.events import (
    DiscountKind,
    DiscountScope,
    OrderSource,
)
from orderlog.domain.orders.lines import require_line
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_schema.commands import CommandInput
from orderlog_schema.context import Context
from orderlog_schema.given import at_path, given, given_or
from orderlog_schema.money import MoneyInput, minor_of
from orderlog_schema.orders.inputs import (
    PAYMENT_METHOD,
    AddressInput,
    OrderLineInput,
    ShippingMethodInput,
    ToOrder,
    sealed_email,
)
from orderlog_schema.relay import key_of, uuid_of
from orderlog_schema.scalars import CurrencyCode


@strawberry.input(
    description="Begins an order; with lines, addresses and a method all in one go, or not at all."
)
class CreateDraftOrderInput(CommandInput):
    currency: CurrencyCode = strawberry.field(description="The currency of the order.")
    order_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the order; made here if not given."
    )
    customer_id: ID | None = strawberry.field(default=UNSET, description="The customer.")
    guest_email: str | None = strawberry.field(
        default=UNSET, description="The e-mail address of somebody who is no customer."
    )
    locale: str | None = strawberry.field(
        default=UNSET, description="A language tag by BCP 47; `en` if not given."
    )
    source: OrderSource | None = strawberry.field(
        default=UNSET, description="Where it was begun; API if not given."
    )
    lines: list[OrderLineInput] | None = strawberry.field(
        default=UNSET, description="Lines to add at once."
    )
    addresses: list[AddressInput] | None = strawberry.field(
        default=UNSET, description="Addresses to set at once."
    )
    shipping_method: ShippingMethodInput | None = strawberry.field(
        default=UNSET, description="The shipping method to select at once."
    )

    async def commands(self, context: Context) -> Sequence[Command]:
        wanted, customer_id = given(self.order_id), self._customer(context)
        order_id = uuid_of("Order", wanted, "orderId") if wanted is not None else new_id()
        subject_id = customer_id or order_id
        create = CreateDraftOrder(
            order_id=order_id,
            currency=self.currency,
            customer_id=customer_id,
            guest_email=await sealed_email(context, given(self.guest_email), subject_id),
            locale=given_or(self.locale, "en"),
            source=given_or(self.source, OrderSource.API),
        )
        return [create, *await self._more(order_id, subject_id, context)]

    def _customer(self, context: Context) -> str | None:
        """A customer orders for nobody else. Raises `INVALID_VALUE`."""
        customer, own = given(self.customer_id), context.principal.customer_id
        customer_id = own if customer is None else key_of("Customer", customer, "customerId")
        if own is not None and customer_id != own:
            message = "A customer begins orders of their own only."
            raise Rejected(ErrorCode.INVALID_VALUE, message, path=("customerId",))
        return customer_id

    async def _more(self, order_id: str, subject_id: str, context: Context) -> list[Command]:
        lines: list[Command] = []
        for index, line in enumerate(given_or(self.lines, [])):
            added = line.added_to(order_id, "lines", str(index))
            require_line(added, added.currency, "lines", str(index))
            lines.append(added)
        addresses: list[Command] = []
        for index, address in enumerate(given_or(self.addresses, [])):
            with at_path("addresses", str(index)):
                addresses.append(await address.set_on(order_id, subject_id, context))
        method = given(self.shipping_method)
        methods = [method.selected_for(order_id, "shippingMethod")] if method else []
        return [*lines, *addresses, *methods]


@strawberry.input(description="Adds a line to a draft.")
class AddOrderLineInput(ToOrder, OrderLineInput):
    def command(self) -> AddOrderLine:
        return self.added_to(self.order)


@strawberry.input(description="Changes how many units a line of a draft has.")
class ChangeOrderLineQuantityInput(ToOrder):
    line_id: ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")

    def command(self) -> ChangeOrderLineQuantity:
        return ChangeOrderLineQuantity(
            order_id=self.order, line_id=self.line_id, quantity=self.quantity
        )


@strawberry.input(description="Takes a line out of a draft.")
class RemoveOrderLineInput(ToOrder):
    line_id: ID = strawberry.field(description="The line.")

    def command(self) -> RemoveOrderLine:
        return RemoveOrderLine(order_id=self.order, line_id=self.line_id)


@strawberry.input(description="Sets an address of a draft, or of an order not yet shipped.")
class SetOrderAddressInput(ToOrder, AddressInput):
    async def commands(self, context: Context) -> Sequence[Command]:
        order_id = self.order
        subject_id = await _subject_of(order_id, context)
        return [await self.set_on(order_id, subject_id, context)]


async def _subject_of(order_id: str, context: Context) -> str:
    """Whose key seals what is personal: the customer's, or for a guest the order's own."""
    customer_id = await context.inspect(
        order_stream(order_id),
        lambda order: order.customer_id if isinstance(order, Order) else None,
    )
    return customer_id or order_id


@strawberry.input(description="Selects how a draft is to travel.")
class SelectShippingMethodInput(ToOrder, ShippingMethodInput):
    def command(self) -> SelectShippingMethod:
        return self.selected_for(self.order)


@strawberry.input(description="Gives a discount on a draft: `percent` or `amount`.")
class ApplyDiscountInput(ToOrder):
    kind: DiscountKind = strawberry.field(description="How it is reckoned.")
    percent_ppm: int | None = strawberry.field(
        default=UNSET, description="For PERCENT: parts per million, 100000 is 10 %."
    )
    amount: MoneyInput | None = strawberry.field(
        default=UNSET, description="For FIXED and VOUCHER: the amount."
    )
    scope: DiscountScope | None = strawberry.field(
        default=UNSET, description="What it applies to; ORDER if not given."
    )
    line_id: ID | None = strawberry.field(
        default=UNSET, description="The line, where the scope is LINE."
    )
    code: str | None = strawberry.field(default=UNSET, description="The code of a voucher.")
    discount_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the discount; made here if not given."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"amount": self.amount}

    def command(self) -> ApplyDiscount:
        return ApplyDiscount(
            order_id=self.order,
            discount_id=given(self.discount_id) or new_id(),
            kind=self.kind,
            value=self._value(),
            scope=given_or(self.scope, DiscountScope.ORDER),
            line_id=given(self.line_id),
            code=given(self.code),
        )

    def place_of(self, path: Sequence[str]) -> Sequence[str]:
        value = "percentPpm" if self.kind is DiscountKind.PERCENT else "amount"
        return [value if name == "value" else name for name in path]

    def _value(self) -> int:
        percent, amount = given(self.percent_ppm), given(self.amount)
        if self.kind is DiscountKind.PERCENT and percent is not None and amount is None:
            return percent
        if self.kind is not DiscountKind.PERCENT and amount is not None and percent is None:
            return amount.to_money("amount").amount_minor
        message = "Give percentPpm for PERCENT, and amount for the other kinds."
        raise Rejected(ErrorCode.INVALID_DISCOUNT, message, path=("kind",))


@strawberry.input(description="Takes a discount off a draft.")
class RemoveDiscountInput(ToOrder):
    discount_id: ID = strawberry.field(description="The discount.")

    def command(self) -> RemoveDiscount:
        return RemoveDiscount(order_id=self.order, discount_id=self.discount_id)


@strawberry.input(description="Says which customer an order belongs to.")
class AssignCustomerInput(ToOrder):
    customer_id: ID = strawberry.field(description="The customer.")

    def command(self) -> AssignCustomer:
        customer_id = key_of("Customer", self.customer_id, "customerId")
        return AssignCustomer(order_id=self.order, customer_id=customer_id)


@strawberry.input(description="Throws a draft away.")
class DiscardDraftInput(ToOrder):
    reason: str | None = strawberry.field(default=UNSET, description="Why.")

    def command(self) -> DiscardDraft:
        return DiscardDraft(order_id=self.order, reason=given(self.reason))


@strawberry.input(description="Places a draft. Stock and payment follow on their own.")
class PlaceOrderInput(ToOrder):
    payment_method: str | None = strawberry.field(
        default=UNSET,
        description="What the gateway knows the instrument by; `sandbox:approve` if not given.",
    )
    expected_total: MoneyInput | None = strawberry.field(
        default=UNSET, description="Refuse with `PRICE_CHANGED` if the total is another."
    )

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        return {"expectedTotal": self.expected_total}

    async def commands(self, context: Context) -> Sequence[Command]:
        order_id = self.order
        await self.require_currency(context, order_stream(order_id))
        channel = context.channels.get(context.principal.channel_id)
        number = await context.next_number(channel)
        method = given_or(self.payment_method, PAYMENT_METHOD)
        place = PlaceOrder(
            order_id=order_id,
            terms=channel.terms(number, method, utc_now()),
            expected_total_minor=minor_of(self.expected_total, "expectedTotal"),
        )
        return [place]
