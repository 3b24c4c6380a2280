"""What orders can be told: each input says which commands it stands for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import derived_id, new_id, utc_now
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import (
    AddOrderLine,
    AddOrderNote,
    ApplyDiscount,
    AssignCustomer,
    CancelOrder,
    CancelOrderLines,
    ChangeOrderLineQuantity,
    CreateDraftOrder,
    DiscardDraft,
    ImportedLine,
    ImportOrder,
    PlaceOrder,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    RedactOrderNote,
    RemoveDiscount,
    RemoveOrderLine,
    SelectShippingMethod,
    SetOrderAddress,
    order_stream,
)
from orderlog.domain.orders.events import (
    AddressKind,
    DiscountKind,
    DiscountScope,
    LineQuantity,
    NoteVisibility,
    OrderSource,
    PriceSource,
    RefundPolicy,
)
from orderlog.domain.orders.lines import require_line
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import PostalAddress, Sealed, require_email, require_text
from orderlog_schema.commands import CommandInput
from orderlog_schema.context import Context, in_thread
from orderlog_schema.given import at_path, given, given_or
from orderlog_schema.money import MoneyInput, minor_of
from orderlog_schema.relay import key_of, uuid_of
from orderlog_schema.scalars import BigInt, CurrencyCode

PAYMENT_METHOD: Final = "sandbox:approve"
IMPORTS: Final = UUID("0d6b7a52-93c1-5f3e-8f0a-2a7d5f3c9b14")
"""The namespace of the ids of imported orders. Never changes: an import must find its orders."""


@strawberry.input
class ToOrder(CommandInput):
    """What every command to an existing order has."""

    order_id: ID = strawberry.field(description="The order: its global id, or its UUID.")

    @property
    def order(self) -> str:
        return uuid_of("Order", self.order_id, "orderId")


@strawberry.input(description="A line to be added to an order.")
class OrderLineInput:
    sku: str = strawberry.field(description="1 to 64 printable ASCII characters.")
    title: str = strawberry.field(description="What it is called, 255 characters at most.")
    quantity: int = strawberry.field(description="1 to 1,000,000 units.")
    unit_price: MoneyInput = strawberry.field(
        description="What one unit costs; as `amount` it may have six decimals."
    )
    line_id: ID | None = strawberry.field(
        default=UNSET, description="A UUID for the line; made here if not given."
    )
    tax_rate_ppm: int | None = strawberry.field(
        default=UNSET, description="Tax in parts per million; 0 if not given."
    )
    requires_shipping: bool | None = strawberry.field(
        default=UNSET, description="Whether it must be shipped; true if not given."
    )
    price_source: PriceSource | None = strawberry.field(
        default=UNSET, description="Where the price comes from; CATALOG if not given."
    )
    override_reason: str | None = strawberry.field(
        default=UNSET, description="Why the price is not the regular one."
    )

    def added_to(self, order_id: str, *path: str) -> AddOrderLine:
        return AddOrderLine(
            order_id=order_id,
            line_id=given(self.line_id) or new_id(),
            sku=self.sku,
            title=self.title,
            quantity=self.quantity,
            unit_price=self.unit_price.to_price(*path, "unitPrice"),
            currency=self.unit_price.currency,
            tax_rate_ppm=given_or(self.tax_rate_ppm, 0),
            requires_shipping=given_or(self.requires_shipping, otherwise=True),
            price_source=given_or(self.price_source, PriceSource.CATALOG),
            override_reason=given(self.override_reason),
        )


@strawberry.input(description="An address.")
class AddressInput:
    kind: AddressKind = strawberry.field(description="What it is for.")
    name: str = strawberry.field(description="The name of a person or a firm.")
    line1: str = strawberry.field(description="Street and number.")
    city: str = strawberry.field(description="The town.")
    country: str = strawberry.field(description="The ISO 3166-1 alpha-2 code of the country.")
    line2: str | None = strawberry.field(default=UNSET, description="What else helps to find it.")
    postcode: str | None = strawberry.field(default=UNSET, description="The postcode.")
    region: str | None = strawberry.field(default=UNSET, description="State or province.")
    phone: str | None = strawberry.field(default=UNSET, description="The telephone number.")

    async def set_on(self, order_id: str, subject_id: str, context: Context) -> SetOrderAddress:
        """The command, with what is personal sealed for its subject."""
        postcode = given(self.postcode)
        return SetOrderAddress(
            order_id=order_id,
            kind=self.kind,
            address=await context.sealed(subject_id, self._checked()),
            country=self.country,
            region=given(self.region),
            postcode_prefix=postcode and postcode[:3],
        )

    def _checked(self) -> PostalAddress:
        """Nobody can look into what is sealed: checked before. Raises `INVALID_ADDRESS`."""
        address = PostalAddress(
            name=self.name,
            line1=self.line1,
            line2=given(self.line2),
            city=self.city,
            postcode=given(self.postcode),
            phone=given(self.phone),
        )
        for field in address.__struct_fields__:
            value = getattr(address, field)
            if value is not None:
                _require_part(field, value)
        return address


def _require_part(field: str, value: str) -> None:
    try:
        require_text(value, field)
    except Rejected as rejection:
        raise Rejected(
            ErrorCode.INVALID_ADDRESS, rejection.message, path=(field,), field=field
        ) from None


@strawberry.input(description="How an order is to travel.")
class ShippingMethodInput:
    method_id: ID = strawberry.field(description="The id of the method.")
    name: str = strawberry.field(description="What it is called.")
    price: MoneyInput = strawberry.field(description="What it costs.")
    tax_rate_ppm: int | None = strawberry.field(
        default=UNSET, description="Tax in parts per million; 0 if not given."
    )

    def selected_for(self, order_id: str, *path: str) -> SelectShippingMethod:
        return SelectShippingMethod(
            order_id=order_id,
            method_id=self.method_id,
            name=self.name,
            price=self.price.to_money(*path, "price"),
            tax_rate_ppm=given_or(self.tax_rate_ppm, 0),
        )


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
        wanted, customer = given(self.order_id), given(self.customer_id)
        order_id = uuid_of("Order", wanted, "orderId") if wanted is not None else new_id()
        customer_id = key_of("Customer", customer, "customerId") if customer is not None else None
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


async def sealed_email(context: Context, email: str | None, subject_id: str) -> Sealed | None:
    if email is None:
        return None
    return await context.sealed(subject_id, require_email(email, "guestEmail"))


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
    customer_id = await context.bus.inspect(
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

    async def commands(self, context: Context) -> Sequence[Command]:
        order_id = self.order
        channel = context.channels.get(context.channel_id)
        number = await in_thread(context.order_numbers.next, channel)
        method = given_or(self.payment_method, PAYMENT_METHOD)
        place = PlaceOrder(
            order_id=order_id,
            terms=channel.terms(number, method, utc_now()),
            expected_total_minor=minor_of(self.expected_total, "expectedTotal"),
        )
        return [place]


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


@strawberry.input(description="Takes over an order of another system, at its historic time.")
class ImportOrderInput(CommandInput):
    source: str = strawberry.field(description="The other system.")
    external_id: str = strawberry.field(description="The order's id there: imported only once.")
    placed_at: datetime = strawberry.field(description="When it was placed there.")
    currency: CurrencyCode = strawberry.field(description="The currency of the order.")
    lines: list[OrderLineInput] = strawberry.field(description="Its lines.")
    customer_id: ID | None = strawberry.field(default=UNSET, description="The customer.")
    guest_email: str | None = strawberry.field(
        default=UNSET, description="The e-mail address of somebody who is no customer."
    )
    country: str | None = strawberry.field(
        default=UNSET, description="The ISO 3166-1 alpha-2 code of the country it went to."
    )
    shipping_minor: BigInt | None = strawberry.field(
        default=UNSET, description="What shipping cost, in minor units."
    )
    discount_minor: BigInt | None = strawberry.field(
        default=UNSET, description="What was taken off, in minor units."
    )
    order_number: str | None = strawberry.field(
        default=UNSET, description="Its number there; the external id if not given."
    )
    payment_method: str | None = strawberry.field(
        default=UNSET, description="How it was paid; `sandbox:approve` if not given."
    )

    def occurred_at(self) -> datetime:
        return self.placed_at

    async def commands(self, context: Context) -> Sequence[Command]:
        order_id = derived_id(str(IMPORTS), self.source, self.external_id)
        customer = given(self.customer_id)
        customer_id = key_of("Customer", customer, "customerId") if customer is not None else None
        email = given(self.guest_email)
        channel = context.channels.get(context.channel_id)
        number = given_or(self.order_number, self.external_id)
        method = given_or(self.payment_method, PAYMENT_METHOD)
        command = ImportOrder(
            order_id=order_id,
            source=self.source,
            external_id=self.external_id,
            placed_at=self.placed_at,
            currency=self.currency,
            lines=tuple(self._line(order_id, index) for index in range(len(self.lines))),
            terms=channel.terms(number, method, self.placed_at),
            customer_id=customer_id,
            guest_email=await sealed_email(context, email, customer_id or order_id),
            country=given(self.country),
            shipping_minor=given_or(self.shipping_minor, 0),
            discount_minor=given_or(self.discount_minor, 0),
        )
        return [command]

    def _line(self, order_id: str, index: int) -> ImportedLine:
        line, path = self.lines[index], ("lines", str(index))
        added = line.added_to(order_id, *path)
        if added.currency != self.currency:
            message = f"This order is in {self.currency}, not in {added.currency}."
            raise Rejected(ErrorCode.CURRENCY_MISMATCH, message, path=(*path, "unitPrice"))
        return ImportedLine(
            line_id=given(line.line_id) or derived_id(order_id, str(index)),
            sku=added.sku,
            title=added.title,
            quantity=added.quantity,
            unit_price=added.unit_price,
            tax_rate_ppm=added.tax_rate_ppm,
            requires_shipping=added.requires_shipping,
        )
