"""A sale invoice as one order: what each of its rows is, by its stock code."""

from collections.abc import Sequence
from typing import Final

from orderlog.domain.money import AMOUNT_MINOR_MAX
from orderlog.domain.rejections import ErrorCode
from orderlog.domain.values import QUANTITY_MAX
from orderlog_server.imports.online_retail.rows import Row
from orderlog_server.imports.online_retail.steps import (
    Adjust,
    Bucket,
    Place,
    Sold,
    share_discount,
    total_minor,
)

SHIPPING_CODES: Final = frozenset({"POST", "DOT", "C2"})
FEE_CODES: Final = frozenset({"M", "BANK CHARGES", "AMAZONFEE", "CRUK"})
DISCOUNT_CODE: Final = "D"
WRITE_OFF: Final = "written off"


def bucket_of(row: Row) -> Bucket:
    """What kind of row this is, by its code alone. Samples (S) and gift vouchers are goods."""
    code = row.sku.upper()
    if code in SHIPPING_CODES:
        return Bucket.SHIPPING
    if code in FEE_CODES:
        return Bucket.FEE
    if code == DISCOUNT_CODE:
        return Bucket.DISCOUNT
    return Bucket.STOCK_ADJUSTMENT if row.quantity < 0 else Bucket.ORDER_LINE


def sale_refusal(row: Row, bucket: Bucket) -> ErrorCode | None:
    """Why a row of a sale cannot be taken, if it cannot."""
    if row.price.amount < 0:
        return ErrorCode.NEGATIVE_PRICE
    if not 1 <= abs(row.quantity) <= QUANTITY_MAX:
        return ErrorCode.INVALID_QUANTITY
    if row.quantity < 0 and bucket in {Bucket.SHIPPING, Bucket.FEE}:
        return ErrorCode.INVALID_QUANTITY
    if abs(row.price.amount * row.quantity) > AMOUNT_MINOR_MAX:
        return ErrorCode.MONEY_OVERFLOW
    return None


def place_step(rows: Sequence[tuple[Row, Bucket]]) -> Place:
    """The order that rows without refusals make, at the time of its first row."""
    first, _ = rows[0]
    order = Place(
        key=f"place/{first.invoice}",
        at=first.at,
        invoice=first.invoice,
        customer=first.customer,
        country=first.country,
    )
    by_bucket: dict[Bucket, list[Row]] = {}
    booked: dict[Bucket, int] = {}
    for number, (row, bucket) in enumerate(rows, start=1):
        amount = total_minor(row)
        by_bucket.setdefault(bucket, []).append(row)
        if bucket is Bucket.DISCOUNT:
            order.discount_minor += abs(amount)
            continue
        booked[bucket] = booked.get(bucket, 0) + amount
        parts = order.shipping if bucket is Bucket.SHIPPING else order.lines
        parts.append(Sold(row, order, bucket, number, amount))
    if order.discount_minor:
        order.discount_minor = share_discount(order, order.discount_minor)
        booked[Bucket.DISCOUNT] = -order.discount_minor
    order.rows, order.booked = by_bucket, booked
    return order


def adjust_step(row: Row, number: int) -> Adjust:
    """A negative quantity in a sale invoice: stock that is gone without having been sold."""
    return Adjust(
        key=f"adjust/{row.invoice}/{number}",
        at=row.at,
        rows={Bucket.STOCK_ADJUSTMENT: [row]},
        sku=row.sku,
        delta=row.quantity,
        reason=row.title or WRITE_OFF,
    )
