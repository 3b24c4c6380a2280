"""Orders that were placed in another system: checked like a draft, priced like a placement."""

from orderlog.domain.money import checked, exponent_of
from orderlog.domain.orders.commands import ImportOrder
from orderlog.domain.orders.events import DiscountKind, DiscountScope
from orderlog.domain.orders.lines import (
    already_exists,
    line_of,
    require_line,
    require_line_count,
)
from orderlog.domain.orders.totals import Discount, Pricing, Shipping, Totals, totals_of
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.values import require_canonical_uuid, require_country, require_text


def require_import(command: ImportOrder) -> None:
    """Every check on an import; a bad line is named by its index in the path."""
    require_canonical_uuid(command.order_id, "orderId")
    require_text(command.source, "source")
    require_text(command.external_id, "externalId")
    require_text(command.terms.order_number, "orderNumber")
    exponent_of(command.currency)
    if command.customer_id is not None:
        require_text(command.customer_id, "customerId")
    if command.country is not None:
        require_country(command.country)
    _require_amount(command.shipping_minor, "shipping")
    _require_amount(command.discount_minor, "discount")
    if not command.lines:
        raise Rejected(ErrorCode.ORDER_EMPTY, "This order has no lines.", path=("lines",))
    require_line_count(len(command.lines))
    seen: set[str] = set()
    for index, line in enumerate(command.lines):
        require_line(line, command.currency, "lines", str(index))
        if line.line_id in seen:
            raise already_exists("line", "lines", str(index), "lineId")
        seen.add(line.line_id)


def imported_totals(command: ImportOrder) -> Totals:
    """Raises `MONEY_OVERFLOW`, and `INVALID_DISCOUNT {max}` for more than the lines cost."""
    terms = command.terms
    pricing = Pricing(
        currency=command.currency, price_mode=terms.price_mode, rounding=terms.rounding
    )
    lines = [line_of(line, command.currency, terms.rounding) for line in command.lines]
    shipping = Shipping(price=command.shipping_minor)
    totals = totals_of(lines, _discounts_of(command), shipping, pricing)
    if totals.discount_total < command.discount_minor:
        message = "The discount is more than the lines cost."
        raise Rejected(ErrorCode.INVALID_DISCOUNT, message, path=("discount",), max=totals.subtotal)
    return totals


def _discounts_of(command: ImportOrder) -> list[Discount]:
    if not command.discount_minor:
        return []
    discount = Discount(
        discount_id="import",
        kind=DiscountKind.FIXED,
        value=command.discount_minor,
        scope=DiscountScope.ORDER,
    )
    return [discount]


def _require_amount(amount_minor: int, *path: str) -> None:
    if checked(amount_minor) < 0:
        message = "This amount is never negative."
        raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=path)
