"""What is derived of an order beside its lifecycle."""

import pytest

from orderlog.domain.orders.events import OrderStatus
from orderlog_projections.statuses import (
    FulfillmentStatus,
    OrderPaymentStatus,
    Parcels,
    Settlement,
    fulfillment_status,
    payment_status,
)


@pytest.mark.parametrize(
    ("settlement", "target_minor", "expected"),
    [
        (Settlement(), 100, OrderPaymentStatus.NONE),
        (Settlement(), 0, OrderPaymentStatus.NONE),
        (Settlement(pending_count=1), 100, OrderPaymentStatus.PENDING),
        (Settlement(failed_count=1), 100, OrderPaymentStatus.FAILED),
        (Settlement(pending_count=1, failed_count=1), 100, OrderPaymentStatus.PENDING),
        (Settlement(authorized=99), 100, OrderPaymentStatus.PARTIALLY_AUTHORIZED),
        (Settlement(authorized=100, failed_count=1), 100, OrderPaymentStatus.AUTHORIZED),
        (Settlement(authorized=100, captured=40), 100, OrderPaymentStatus.PARTIALLY_PAID),
        (Settlement(authorized=100, captured=100), 100, OrderPaymentStatus.PAID),
        (Settlement(authorized=100, captured=100), 80, OrderPaymentStatus.OVERPAID),
        (Settlement(authorized=100, captured=100), -5, OrderPaymentStatus.OVERPAID),
        (
            Settlement(authorized=100, captured=100, refunded=20),
            80,
            OrderPaymentStatus.PARTIALLY_REFUNDED,
        ),
        (Settlement(authorized=100, captured=100, refunded=100), 0, OrderPaymentStatus.REFUNDED),
    ],
)
def test_payments_add_up_to_a_status(
    settlement: Settlement, target_minor: int, expected: OrderPaymentStatus
) -> None:
    assert payment_status(settlement, target_minor) is expected


@pytest.mark.parametrize(
    ("status", "parcels", "expected"),
    [
        (OrderStatus.DRAFT, Parcels(), FulfillmentStatus.UNFULFILLED),
        (OrderStatus.CONFIRMED, Parcels(), FulfillmentStatus.NOT_REQUIRED),
        (OrderStatus.CONFIRMED, Parcels(3), FulfillmentStatus.UNFULFILLED),
        (OrderStatus.CONFIRMED, Parcels(3, 1), FulfillmentStatus.PARTIALLY_SHIPPED),
        (OrderStatus.CONFIRMED, Parcels(3, 3), FulfillmentStatus.SHIPPED),
        (OrderStatus.CONFIRMED, Parcels(3, 3, 1), FulfillmentStatus.PARTIALLY_DELIVERED),
        (OrderStatus.COMPLETED, Parcels(3, 3, 3), FulfillmentStatus.DELIVERED),
        (OrderStatus.CANCELLED, Parcels(3), FulfillmentStatus.NOT_REQUIRED),
        (OrderStatus.REJECTED, Parcels(3), FulfillmentStatus.NOT_REQUIRED),
    ],
)
def test_parcels_add_up_to_a_status(
    status: OrderStatus, parcels: Parcels, expected: FulfillmentStatus
) -> None:
    assert fulfillment_status(status, parcels) is expected
