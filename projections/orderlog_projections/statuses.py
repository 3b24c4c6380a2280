"""What is derived of an order beside its lifecycle: pure functions of amounts and units."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import OrderCancelled, OrderStatus, RefundPolicy
from orderlog.domain.payments.events import (
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentRequested,
    PaymentVoided,
    RefundSucceeded,
)
from orderlog_projections.columns import saturated


class OrderPaymentStatus(StrEnum):
    """What an order's payments add up to, against its total less the refunds granted."""

    NONE = "NONE"
    PENDING = "PENDING"
    PARTIALLY_AUTHORIZED = "PARTIALLY_AUTHORIZED"
    AUTHORIZED = "AUTHORIZED"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    OVERPAID = "OVERPAID"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    FAILED = "FAILED"


class FulfillmentStatus(StrEnum):
    """How far an order is on its way. Backorders and holds come with their commands."""

    UNFULFILLED = "UNFULFILLED"
    BACKORDERED = "BACKORDERED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
    NOT_REQUIRED = "NOT_REQUIRED"
    ON_HOLD = "ON_HOLD"


class Settlement(msgspec.Struct, frozen=True, array_like=True):
    """All payments of an order together: how many are open or failed, and minor units."""

    pending_count: int = 0
    failed_count: int = 0
    authorized: int = 0
    captured: int = 0
    refunded: int = 0


class Parcels(msgspec.Struct, frozen=True, array_like=True):
    """Units of an order that must be shipped, and how many have been."""

    required: int = 0
    shipped: int = 0
    delivered: int = 0


_CLOSED_UNSHIPPED: Final = frozenset(
    {OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.DISCARDED}
)


def payment_status(settlement: Settlement, target_minor: int) -> OrderPaymentStatus:
    """`target_minor`: the grand total less the refunds granted."""
    paid = settlement.captured - settlement.refunded
    if settlement.captured and paid <= 0:
        return OrderPaymentStatus.REFUNDED
    if paid > max(target_minor, 0):
        return OrderPaymentStatus.OVERPAID
    if settlement.refunded:
        return OrderPaymentStatus.PARTIALLY_REFUNDED
    if paid:
        is_whole = paid >= target_minor
        return OrderPaymentStatus.PAID if is_whole else OrderPaymentStatus.PARTIALLY_PAID
    return _unpaid_status(settlement, target_minor)


def _unpaid_status(settlement: Settlement, target_minor: int) -> OrderPaymentStatus:
    if settlement.authorized:
        is_whole = settlement.authorized >= target_minor
        return (
            OrderPaymentStatus.AUTHORIZED if is_whole else OrderPaymentStatus.PARTIALLY_AUTHORIZED
        )
    if settlement.pending_count:
        return OrderPaymentStatus.PENDING
    return OrderPaymentStatus.FAILED if settlement.failed_count else OrderPaymentStatus.NONE


def fulfillment_status(status: OrderStatus, parcels: Parcels) -> FulfillmentStatus:
    """What a draft would need is known when it is placed; what is closed needs nothing more."""
    if status is OrderStatus.DRAFT:
        return FulfillmentStatus.UNFULFILLED
    if parcels.required <= 0 or status in _CLOSED_UNSHIPPED:
        return FulfillmentStatus.NOT_REQUIRED
    if not parcels.shipped:
        return FulfillmentStatus.UNFULFILLED
    if parcels.delivered >= parcels.required:
        return FulfillmentStatus.DELIVERED
    if parcels.delivered:
        return FulfillmentStatus.PARTIALLY_DELIVERED
    is_whole = parcels.shipped >= parcels.required
    return FulfillmentStatus.SHIPPED if is_whole else FulfillmentStatus.PARTIALLY_SHIPPED


def granted_by_cancelling(event: OrderCancelled, granted_minor: int, total_minor: int) -> int:
    """The refunds promised once an order is cancelled, in minor units."""
    match event.refund:
        case RefundPolicy.FULL:
            return total_minor
        case RefundPolicy.AMOUNT:
            return saturated(granted_minor + (event.amount or 0))
        case RefundPolicy.NONE:
            return granted_minor


def _requested(settlement: Settlement, _: PaymentRequested) -> Settlement:
    return replace(settlement, pending_count=settlement.pending_count + 1)


def _authorized(settlement: Settlement, event: PaymentAuthorized) -> Settlement:
    return replace(
        settlement,
        pending_count=settlement.pending_count - 1,
        authorized=saturated(settlement.authorized + event.amount),
    )


def _failed(settlement: Settlement, _: PaymentDeclined | PaymentFailed) -> Settlement:
    return replace(
        settlement,
        pending_count=settlement.pending_count - 1,
        failed_count=settlement.failed_count + 1,
    )


def _captured(settlement: Settlement, event: PaymentCaptured) -> Settlement:
    return replace(settlement, captured=saturated(settlement.captured + event.amount))


def _voided(settlement: Settlement, event: PaymentVoided) -> Settlement:
    return replace(settlement, authorized=settlement.authorized - event.amount)


def _refunded(settlement: Settlement, event: RefundSucceeded) -> Settlement:
    return replace(settlement, refunded=saturated(settlement.refunded + event.amount))


SETTLING: Final[Mapping[type[Event], Callable[[Settlement, Any], Settlement]]] = {
    PaymentRequested: _requested,
    PaymentAuthorized: _authorized,
    PaymentDeclined: _failed,
    PaymentFailed: _failed,
    PaymentCaptured: _captured,
    PaymentVoided: _voided,
    RefundSucceeded: _refunded,
}
"""How each event of a payment changes the settlement of its order."""
