"""The parts of an order, as they are shown."""

from datetime import datetime
from typing import Self

import strawberry
from msgspec.structs import asdict
from strawberry import ID

from orderlog.domain.orders.events import (
    AddressKind,
    DiscountKind,
    DiscountScope,
    NoteVisibility,
    ShortageItem,
)
from orderlog.domain.values import PostalAddress
from orderlog_projections.order_page.tables import (
    OrderPage,
    PageAddress,
    PageDiscount,
    PageLine,
    PageNote,
)
from orderlog_schema.events.types import Actor
from orderlog_schema.fields import shown
from orderlog_schema.money import Money, UnitPrice, money, money_of, unit_price_of
from orderlog_schema.permissions import OWNERS_AND_STAFF, PERSONAL, STAFF
from orderlog_schema.scalars import BigInt


@strawberry.type(
    description="A line of an order. Its units sit in buckets.", directives=[OWNERS_AND_STAFF]
)
class OrderLine:
    row: strawberry.Private[PageLine]
    currency: strawberry.Private[str]
    id: ID = shown("row.line_id", "Its id within the order: good for line commands.")
    sku: str = shown("row.sku", "The SKU.")
    title: str = shown("row.title", "What it is called.")
    unit_price: UnitPrice = shown(
        lambda line: unit_price_of(line.row.unit_price, line.currency), "What one unit costs."
    )
    tax_rate_ppm: int = shown("row.tax_rate_ppm", "Tax in parts per million: 200000 is 20 %.")
    requires_shipping: bool = shown("row.requires_shipping", "Whether it must be shipped.")
    quantity: int = shown("row.ordered", "Units ordered.")
    cancelled: int = shown("row.cancelled", "Units cancelled.")
    shipped: int = shown("row.shipped", "Units shipped.")
    delivered: int = shown("row.delivered", "Units delivered.")
    returned: int = shown("row.returned", "Units returned.")
    open: int = shown(
        lambda line: line.row.ordered - line.row.cancelled - line.row.shipped,
        "Units neither cancelled nor shipped.",
    )
    total: Money = shown(money("row.total", "currency"), "Price times quantity, before discount.")
    discount: Money = shown(money("row.discount", "currency"), "Its share of the discounts.")
    tax: Money = shown(money("row.tax", "currency"), "Contained in the total, or added to it.")
    refunded: Money = shown(money("row.refunded_minor", "currency"), "What was given back for it.")


@strawberry.type(
    description="An address. What is personal is null where the person's data was erased.",
    directives=[OWNERS_AND_STAFF],
)
class OrderAddress:
    kind: AddressKind = strawberry.field(description="What it is for.")
    name: str | None = strawberry.field(description="The name.", directives=[PERSONAL])
    line1: str | None = strawberry.field(description="Street and number.", directives=[PERSONAL])
    line2: str | None = strawberry.field(
        description="What else helps to find it.", directives=[PERSONAL]
    )
    city: str | None = strawberry.field(description="The town.", directives=[PERSONAL])
    postcode: str | None = strawberry.field(description="The postcode.", directives=[PERSONAL])
    region: str | None = strawberry.field(description="State or province.")
    country: str = strawberry.field(description="The ISO 3166-1 alpha-2 code of the country.")
    phone: str | None = strawberry.field(description="The telephone number.", directives=[PERSONAL])

    @classmethod
    def of(cls, address: PageAddress, opened: PostalAddress | None) -> Self:
        personal = {} if opened is None else asdict(opened)
        return cls(
            kind=address.kind,
            name=personal.get("name"),
            line1=personal.get("line1"),
            line2=personal.get("line2"),
            city=personal.get("city"),
            postcode=personal.get("postcode"),
            region=address.region,
            country=address.country,
            phone=personal.get("phone"),
        )


@strawberry.type(description="A note on an order.", directives=[OWNERS_AND_STAFF])
class OrderNote:
    id: ID = strawberry.field(description="Its id within the order.")
    text: str | None = strawberry.field(description="What it says; null once redacted.")
    visibility: NoteVisibility = strawberry.field(description="Who may read it.")
    author: Actor = strawberry.field(description="Who wrote it.", directives=[STAFF])
    written_at: datetime = strawberry.field(description="When it was written.")
    redacted_at: datetime | None = strawberry.field(description="When its text was taken away.")

    @classmethod
    def of(cls, note: PageNote) -> Self:
        return cls(
            id=ID(note.note_id),
            text=note.text,
            visibility=note.visibility,
            author=Actor(kind=note.author_kind, id=note.author_id),
            written_at=note.written_at,
            redacted_at=note.redacted_at,
        )


@strawberry.type(description="A discount on an order.", directives=[OWNERS_AND_STAFF])
class OrderDiscount:
    id: ID = strawberry.field(description="Its id within the order.")
    kind: DiscountKind = strawberry.field(description="How it is reckoned.")
    value: BigInt = strawberry.field(
        description="Parts per million for PERCENT, otherwise minor units."
    )
    scope: DiscountScope = strawberry.field(description="What it applies to.")
    line_id: ID | None = strawberry.field(description="The line, where the scope is LINE.")
    code: str | None = strawberry.field(description="The voucher's code.")

    @classmethod
    def of(cls, discount: PageDiscount) -> Self:
        return cls(
            id=ID(discount.discount_id),
            kind=discount.kind,
            value=BigInt(discount.value),
            scope=discount.scope,
            line_id=None if discount.line_id is None else ID(discount.line_id),
            code=discount.code,
        )


@strawberry.type(description="How an order travels.", directives=[OWNERS_AND_STAFF])
class ShippingMethod:
    id: ID = strawberry.field(description="The id of the method.")
    name: str = strawberry.field(description="What it is called.")
    price: Money = strawberry.field(description="What it costs.")
    tax_rate_ppm: int = strawberry.field(description="Tax in parts per million.")

    @classmethod
    def of(cls, page: OrderPage) -> Self | None:
        """None where none is selected yet."""
        method = page.shipping
        if method is None:
            return None
        return cls(
            id=ID(method.method_id),
            name=method.name,
            price=money_of(method.price, page.currency),
            tax_rate_ppm=method.tax_rate_ppm,
        )


@strawberry.type(
    description="Something of which there was not enough for an order.",
    directives=[OWNERS_AND_STAFF],
)
class OrderShortage:
    row: strawberry.Private[ShortageItem]
    line_id: ID = shown("row.line_id", "The line.")
    sku: str = shown("row.sku", "The SKU.")
    requested: int = shown("row.requested", "Units asked for.")
    available: int = shown("row.available", "Units that there were.")
