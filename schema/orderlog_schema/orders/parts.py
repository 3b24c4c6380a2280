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
)
from orderlog.domain.values import PostalAddress
from orderlog_projections.order_page.tables import (
    PageAddress,
    PageDiscount,
    PageLine,
    PageNote,
)
from orderlog_schema.events.types import Actor
from orderlog_schema.money import Money, UnitPrice, money_of, unit_price_of
from orderlog_schema.permissions import OWNERS_AND_STAFF, PERSONAL, STAFF
from orderlog_schema.scalars import BigInt


@strawberry.type(
    description="A line of an order. Its units sit in buckets.", directives=[OWNERS_AND_STAFF]
)
class OrderLine:
    id: ID = strawberry.field(description="Its id within the order: good for line commands.")
    sku: str = strawberry.field(description="The SKU.")
    title: str = strawberry.field(description="What it is called.")
    unit_price: UnitPrice = strawberry.field(description="What one unit costs.")
    tax_rate_ppm: int = strawberry.field(description="Tax in parts per million: 200000 is 20 %.")
    requires_shipping: bool = strawberry.field(description="Whether it must be shipped.")
    quantity: int = strawberry.field(description="Units ordered.")
    cancelled: int = strawberry.field(description="Units cancelled.")
    shipped: int = strawberry.field(description="Units shipped.")
    delivered: int = strawberry.field(description="Units delivered.")
    returned: int = strawberry.field(description="Units returned.")
    open: int = strawberry.field(description="Units neither cancelled nor shipped.")
    total: Money = strawberry.field(description="Price times quantity, before discount.")
    discount: Money = strawberry.field(description="Its share of the discounts.")
    tax: Money = strawberry.field(description="Contained in the total, or added to it.")
    refunded: Money = strawberry.field(description="What was given back for it.")

    @classmethod
    def of(cls, line: PageLine, currency: str) -> Self:
        return cls(
            id=ID(line.line_id),
            sku=line.sku,
            title=line.title,
            unit_price=unit_price_of(line.unit_price, currency),
            tax_rate_ppm=line.tax_rate_ppm,
            requires_shipping=line.requires_shipping,
            quantity=line.ordered,
            cancelled=line.cancelled,
            shipped=line.shipped,
            delivered=line.delivered,
            returned=line.returned,
            open=line.ordered - line.cancelled - line.shipped,
            total=money_of(line.total, currency),
            discount=money_of(line.discount, currency),
            tax=money_of(line.tax, currency),
            refunded=money_of(line.refunded_minor, currency),
        )


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


@strawberry.type(
    description="Something of which there was not enough for an order.",
    directives=[OWNERS_AND_STAFF],
)
class OrderShortage:
    line_id: ID = strawberry.field(description="The line.")
    sku: str = strawberry.field(description="The SKU.")
    requested: int = strawberry.field(description="Units asked for.")
    available: int = strawberry.field(description="Units that there were.")
