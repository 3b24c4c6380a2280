"""What can be done to an order while it is a draft: everything about what it will be."""

from typing import Final

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.money import PPM, Rounding, checked, require_same_currency
from orderlog.domain.orders.commands import (
    AddOrderLine,
    ApplyDiscount,
    AssignCustomer,
    ChangeOrderLineQuantity,
    DiscardDraft,
    RemoveDiscount,
    RemoveOrderLine,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.events import (
    Allocation,
    DiscountApplied,
    DiscountKind,
    DiscountRemoved,
    DiscountScope,
    DraftDiscarded,
    OrderAddressSet,
    OrderCustomerAssigned,
    OrderLineAdded,
    OrderLineQuantityChanged,
    OrderLineRemoved,
    OrderStatus,
    ShippingMethodSelected,
)
from orderlog.domain.orders.lines import (
    already_exists,
    line_of,
    require_line,
    require_line_count,
)
from orderlog.domain.orders.state import OrderState
from orderlog.domain.orders.totals import Discount, allocations_of
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import (
    TEXT_LENGTH_MAX,
    require_country,
    require_quantity,
    require_tax_rate,
    require_text,
)

DISCOUNTS_MAX: Final = 100


class Drafting(OrderState):
    def add_line(self, command: AddOrderLine, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        require_same_currency(self.currency, command.currency)
        require_line(command, self.currency)
        if command.line_id in self.lines:
            raise already_exists("line", "lineId")
        require_line_count(len(self.lines) + 1)
        total = line_of(command, self.currency, Rounding.HALF_UP).total
        checked(self.subtotal + self.shipping_price + total)
        if command.override_reason is not None:
            require_text(command.override_reason, "overrideReason")
        self.record(
            envelopes,
            OrderLineAdded,
            line_id=command.line_id,
            sku=command.sku,
            title=command.title,
            quantity=command.quantity,
            unit_price=command.unit_price,
            tax_rate_ppm=command.tax_rate_ppm,
            requires_shipping=command.requires_shipping,
            price_source=command.price_source,
            override_reason=command.override_reason,
        )

    def change_quantity(
        self, command: ChangeOrderLineQuantity, envelopes: EnvelopeSequence
    ) -> None:
        self.require(OrderStatus.DRAFT)
        require_quantity(command.quantity)
        line = self.line(command.line_id)
        total = line.unit_price.times(command.quantity, self.currency, Rounding.HALF_UP)
        checked(self.subtotal + self.shipping_price - line.total + total)
        if command.quantity != line.ordered:
            self.record(
                envelopes,
                OrderLineQuantityChanged,
                line_id=command.line_id,
                from_quantity=line.ordered,
                to_quantity=command.quantity,
            )

    def remove_line(self, command: RemoveOrderLine, envelopes: EnvelopeSequence) -> None:
        """The discounts of the line alone go with it, each as a fact of its own."""
        self.require(OrderStatus.DRAFT)
        line = self.line(command.line_id)
        for discount in [one for one in self.discounts.values() if one.line_id == line.line_id]:
            self.record(envelopes, DiscountRemoved, discount_id=discount.discount_id)
        self.record(envelopes, OrderLineRemoved, line_id=line.line_id)

    def set_address(self, command: SetOrderAddress, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT, OrderStatus.CONFIRMED)
        self.require_nothing_shipped()
        require_country(command.country)
        _require_short(command.region, "region")
        _require_short(command.postcode_prefix, "postcodePrefix")
        self.record(
            envelopes,
            OrderAddressSet,
            kind=command.kind,
            address_ref=command.address,
            country=command.country,
            region=command.region,
            postcode_prefix=command.postcode_prefix,
        )

    def select_shipping(self, command: SelectShippingMethod, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        require_text(command.method_id, "methodId")
        require_text(command.name, "name")
        require_tax_rate(command.tax_rate_ppm)
        require_same_currency(self.currency, command.price.currency)
        if command.price.amount_minor < 0:
            message = "A shipping price is never negative."
            raise Rejected(ErrorCode.NEGATIVE_PRICE, message, path=("price",))
        checked(self.subtotal + command.price.amount_minor)
        self.record(
            envelopes,
            ShippingMethodSelected,
            method_id=command.method_id,
            name=command.name,
            price=command.price.amount_minor,
            tax_rate_ppm=command.tax_rate_ppm,
        )

    def apply_discount(self, command: ApplyDiscount, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        self._require_discount(command)
        discount = Discount(
            discount_id=command.discount_id,
            kind=command.kind,
            value=command.value,
            scope=command.scope,
            line_id=command.line_id,
        )
        discounts = [*self.discounts.values(), discount]
        _, shares = allocations_of(self.lines.values(), self.shipping_price, discounts)
        self.record(
            envelopes,
            DiscountApplied,
            discount_id=command.discount_id,
            kind=command.kind,
            code=command.code,
            value=command.value,
            scope=command.scope,
            line_id=command.line_id,
            allocations=[Allocation(line_id, amount) for line_id, amount in shares.items()],
        )

    def remove_discount(self, command: RemoveDiscount, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        if command.discount_id not in self.discounts:
            message = "This order has no such discount."
            raise Rejected(ErrorCode.DISCOUNT_NOT_FOUND, message, path=("discountId",))
        self.record(envelopes, DiscountRemoved, discount_id=command.discount_id)

    def assign_customer(self, command: AssignCustomer, envelopes: EnvelopeSequence) -> None:
        self.require(
            OrderStatus.DRAFT, OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.COMPLETED
        )
        require_text(command.customer_id, "customerId")
        if command.customer_id != self.customer_id:
            self.record(
                envelopes,
                OrderCustomerAssigned,
                customer_id=command.customer_id,
                previous=self.customer_id,
            )

    def discard(self, command: DiscardDraft, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        if command.reason is not None:
            require_text(command.reason, "reason")
        self.record(envelopes, DraftDiscarded, reason=command.reason)

    def _require_discount(self, command: ApplyDiscount) -> None:
        require_text(command.discount_id, "discountId")
        if command.discount_id in self.discounts:
            raise already_exists("discount", "discountId")
        if command.code is not None:
            require_text(command.code, "code")
        if len(self.discounts) >= DISCOUNTS_MAX:
            message = f"An order has at most {DISCOUNTS_MAX} discounts."
            raise _invalid_discount(message, "discountId")
        if command.value <= 0:
            raise _invalid_discount("A discount is more than nothing.", "value")
        if command.kind is DiscountKind.PERCENT and command.value > PPM:
            raise _invalid_discount("A discount is at most 100 percent.", "value")
        checked(command.value)
        if (command.scope is DiscountScope.LINE) != (command.line_id is not None):
            raise _invalid_discount("Scope LINE, and no other, names a line.", "lineId")
        if command.line_id is not None:
            self.line(command.line_id)


def _invalid_discount(message: str, *path: str) -> Rejected:
    return Rejected(ErrorCode.INVALID_DISCOUNT, message, path=path)


def _require_short(value: str | None, field: str) -> None:
    if value is not None and len(value) > TEXT_LENGTH_MAX:
        message = f"At most {TEXT_LENGTH_MAX} characters are allowed here."
        raise Rejected(ErrorCode.INVALID_ADDRESS, message, path=(field,), field=field)
