"""An order of another system, taken over whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from strawberry import ID, UNSET

from orderlog.application.metadata import derived_id
from orderlog.domain.commands import Command
from orderlog.domain.envelope import DEFAULT_CHANNEL
from orderlog.domain.orders.commands import (
    ImportedLine,
    ImportOrder,
)
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_schema.commands import CommandInput
from orderlog_schema.context import Context
from orderlog_schema.given import given, given_or
from orderlog_schema.orders.inputs import (
    PAYMENT_METHOD,
    OrderLineInput,
    sealed_email,
)
from orderlog_schema.relay import key_of
from orderlog_schema.scalars import BigInt, CurrencyCode

IMPORTS: Final = UUID("0d6b7a52-93c1-5f3e-8f0a-2a7d5f3c9b14")
"""The namespace of the ids of imported orders. Never changes: an import must find its orders."""


def namespace_of(channel_id: str) -> str:
    """Two channels may import from systems of the same name."""
    is_default = channel_id == DEFAULT_CHANNEL
    return str(IMPORTS) if is_default else derived_id(str(IMPORTS), channel_id)


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
        channel = context.channels.get(context.principal.channel_id)
        order_id = derived_id(namespace_of(channel.id), self.source, self.external_id)
        customer = given(self.customer_id)
        customer_id = key_of("Customer", customer, "customerId") if customer is not None else None
        email = given(self.guest_email)
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
