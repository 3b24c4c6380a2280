"""Parts of what orders can be told: lines, addresses, shipping methods."""

from typing import Final

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import new_id
from orderlog.domain.orders.commands import (
    AddOrderLine,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.events import (
    AddressKind,
    PriceSource,
)
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import PostalAddress, Sealed, require_email, require_text
from orderlog_schema.commands import CommandInput
from orderlog_schema.context import Context
from orderlog_schema.given import given, given_or
from orderlog_schema.money import MoneyInput
from orderlog_schema.relay import uuid_of

PAYMENT_METHOD: Final = "sandbox:approve"


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


async def sealed_email(context: Context, email: str | None, subject_id: str) -> Sealed | None:
    if email is None:
        return None
    return await context.sealed(subject_id, require_email(email, "guestEmail"))
