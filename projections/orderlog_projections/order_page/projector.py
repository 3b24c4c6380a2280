"""How each event of an order changes its page; payments and the process have their own modules."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.money import exponent_of
from orderlog.domain.orders.events import (
    AddressKind,
    DiscountApplied,
    DiscountRemoved,
    DraftDiscarded,
    OrderAddressSet,
    OrderCancelled,
    OrderConfirmed,
    OrderCustomerAssigned,
    OrderDrafted,
    OrderExpired,
    OrderImported,
    OrderNoteAdded,
    OrderNoteRedacted,
    OrderPlaced,
    OrderRejected,
    OrderSource,
    OrderStatus,
    ShippingMethodSelected,
)
from orderlog.domain.payments.events import PaymentStatus
from orderlog.domain.related import order_of
from orderlog_projections.columns import saturated
from orderlog_projections.drafts import placed_at_of, running_totals
from orderlog_projections.order_page import lines, payments, process
from orderlog_projections.order_page.tables import (
    ORDER_PAGES,
    OrderPage,
    PageAddress,
    PageDiscount,
    PageNote,
    PagePayment,
    PageShipping,
)
from orderlog_projections.projection import Fold, Projection
from orderlog_projections.statuses import (
    Settlement,
    fulfillment_status,
    granted_by_cancelling,
    payment_status,
)

_FAILED: Final = {PaymentStatus.DECLINED, PaymentStatus.FAILED}


def drafted(_: None, event: OrderDrafted) -> OrderPage:
    page = _begun(event, event.source)
    return replace(page, guest_email=event.guest_email_ref, locale=event.locale)


def imported(_: None, event: OrderImported) -> OrderPage:
    page = replace(
        _begun(event, OrderSource.IMPORT),
        guest_email=event.guest_email_ref,
        external_id=event.external_id,
    )
    if event.country is not None:
        address = PageAddress(AddressKind.SHIPPING, event.country)
        page = replace(page, addresses=(address,))
    return placed(page, event)


def _begun(event: OrderDrafted | OrderImported, source: OrderSource) -> OrderPage:
    return OrderPage(
        order_id=event.order_id,
        channel_id=event.channel_id,
        source=source,
        currency=event.currency,
        exponent=exponent_of(event.currency),
        customer_id=event.customer_id,
        created_at=event.envelope.occurred_at,
        updated_at=event.envelope.occurred_at,
    )


def placed(page: OrderPage, event: OrderPlaced | OrderImported) -> OrderPage:
    return replace(
        page,
        status=OrderStatus.PENDING,
        number=event.order_number,
        placed_at=placed_at_of(event),
        payment_due_at=event.payment_due_at,
        lines=tuple(lines.placed_line(line) for line in event.lines),
        subtotal=event.subtotal,
        discount_total=event.discount_total,
        shipping_total=event.shipping_total,
        tax_total=event.tax_total,
        grand_total=event.grand_total,
        tax_breakdown=tuple(event.tax_breakdown),
        price_mode=event.price_mode,
        rounding=event.rounding,
        capture_mode=event.capture_mode,
        shortage_policy=event.shortage_policy,
        payment_method=event.payment_method,
    )


def address_set(page: OrderPage, event: OrderAddressSet) -> OrderPage:
    address = PageAddress(
        event.kind, event.country, event.region, event.postcode_prefix, event.address_ref
    )
    others = tuple(known for known in page.addresses if known.kind is not event.kind)
    return replace(page, addresses=(*others, address))


def shipping_selected(page: OrderPage, event: ShippingMethodSelected) -> OrderPage:
    shipping = PageShipping(event.method_id, event.name, event.price, event.tax_rate_ppm)
    return replace(page, shipping=shipping)


def discount_applied(page: OrderPage, event: DiscountApplied) -> OrderPage:
    discount = PageDiscount(
        event.discount_id, event.kind, event.value, event.scope, event.line_id, event.code
    )
    return replace(page, discounts=(*page.discounts, discount))


def discount_removed(page: OrderPage, event: DiscountRemoved) -> OrderPage:
    kept = tuple(one for one in page.discounts if one.discount_id != event.discount_id)
    return replace(page, discounts=kept)


def customer_assigned(page: OrderPage, event: OrderCustomerAssigned) -> OrderPage:
    return replace(page, customer_id=event.customer_id)


def discarded(page: OrderPage, event: DraftDiscarded) -> OrderPage:
    """Its last totals stay."""
    closed_at = event.envelope.occurred_at
    return replace(_totalled(page), status=OrderStatus.DISCARDED, closed_at=closed_at)


def confirmed(page: OrderPage, event: OrderConfirmed) -> OrderPage:
    confirmed_at = event.envelope.occurred_at
    return replace(page, status=OrderStatus.CONFIRMED, confirmed_at=confirmed_at)


def rejected(page: OrderPage, event: OrderRejected) -> OrderPage:
    return replace(
        page,
        status=OrderStatus.REJECTED,
        closed_at=event.envelope.occurred_at,
        reject_code=event.code,
        shortages=tuple(event.items),
    )


def expired(page: OrderPage, event: OrderExpired) -> OrderPage:
    return replace(page, status=OrderStatus.EXPIRED, closed_at=event.envelope.occurred_at)


def cancelled(page: OrderPage, event: OrderCancelled) -> OrderPage:
    """Nothing had been shipped: all that was not cancelled before is cancelled now."""
    return replace(
        page,
        status=OrderStatus.CANCELLED,
        closed_at=event.envelope.occurred_at,
        lines=tuple(replace(line, cancelled=line.ordered) for line in page.lines),
        granted_minor=granted_by_cancelling(event, page.granted_minor, page.grand_total),
        cancel_reason=event.reason_code,
        cancel_note=event.note,
    )


def note_added(page: OrderPage, event: OrderNoteAdded) -> OrderPage:
    actor = event.envelope.actor
    note = PageNote(
        note_id=event.note_id,
        text=event.text,
        visibility=event.visibility,
        author_kind=actor.kind,
        author_id=actor.id,
        written_at=event.envelope.occurred_at,
    )
    return replace(page, notes=(*page.notes, note))


def note_redacted(page: OrderPage, event: OrderNoteRedacted) -> OrderPage:
    redacted_at = event.envelope.occurred_at
    notes = tuple(
        replace(note, text=None, redacted_at=redacted_at) if note.note_id == event.note_id else note
        for note in page.notes
    )
    return replace(page, notes=notes)


def stamped(page: OrderPage, event: Event, position: int) -> OrderPage:
    is_own = event.originator_id.startswith("order-")
    return replace(
        page,
        position=position,
        version=event.originator_version if is_own else page.version,
        updated_at=max(page.updated_at, event.envelope.occurred_at),
    )


def derived(page: OrderPage) -> OrderPage:
    """Totals, counts and statuses that follow from lines and payments."""
    if page.status is OrderStatus.DRAFT:
        page = _totalled(page)
    settlement, parcels = settlement_of(page.payments), lines.parcels_of(page.lines)
    return replace(
        page,
        item_count=sum(line.ordered for line in page.lines),
        line_count=len(page.lines),
        paid_minor=settlement.captured,
        refunded_minor=settlement.refunded,
        payment_status=payment_status(settlement, page.grand_total - page.granted_minor),
        fulfillment_status=fulfillment_status(page.status, parcels),
    )


def _totalled(page: OrderPage) -> OrderPage:
    shipping_price = page.shipping.price if page.shipping else 0
    totals = {line.line_id: line.total for line in page.lines}
    running = running_totals(totals, shipping_price, page.discounts)
    return replace(
        page,
        lines=lines.discounted(page.lines, running.discounts),
        subtotal=running.subtotal,
        discount_total=running.discount_total,
        shipping_total=running.shipping_total,
        grand_total=running.grand_total,
    )


def settlement_of(payments: Iterable[PagePayment]) -> Settlement:
    payments = list(payments)
    return Settlement(
        pending_count=sum(one.status is PaymentStatus.REQUESTED for one in payments),
        failed_count=sum(one.status in _FAILED for one in payments),
        authorized=saturated(sum(one.authorized - one.voided for one in payments)),
        captured=saturated(sum(one.captured for one in payments)),
        refunded=saturated(sum(one.refunded for one in payments)),
    )


REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], OrderPage]]] = {
    OrderDrafted: drafted,
    OrderImported: imported,
    OrderAddressSet: address_set,
    ShippingMethodSelected: shipping_selected,
    DiscountApplied: discount_applied,
    DiscountRemoved: discount_removed,
    OrderCustomerAssigned: customer_assigned,
    DraftDiscarded: discarded,
    OrderPlaced: placed,
    OrderConfirmed: confirmed,
    OrderRejected: rejected,
    OrderExpired: expired,
    OrderCancelled: cancelled,
    OrderNoteAdded: note_added,
    OrderNoteRedacted: note_redacted,
    **lines.REACTIONS,
    **payments.REACTIONS,
    **process.REACTIONS,
}

PAGES: Final = Fold(
    table=ORDER_PAGES, key=order_of, reactions=REACTIONS, stamp=stamped, derive=derived
)
PROJECTION: Final = Projection(
    name="order_page",
    question="What is there to know about one order?",
    parts=(PAGES,),
)
