"""What stories read off aggregates: frozen copies, taken in the writer's thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from orderlog.application.command_bus import CommandBus
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.orders.events import OrderStatus
from orderlog.domain.orders.state import OrderState
from orderlog.domain.payments.commands import payment_stream
from orderlog.domain.payments.events import PaymentOperation, PaymentStatus
from orderlog.domain.payments.state import Operation, OperationStatus, PaymentState
from orderlog.domain.processes.events import ProcessStatus
from orderlog.domain.processes.process import Process
from orderlog.domain.stock.stock_item import StockItem
from orderlog.gateways.port import GatewayKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessView:
    """Where a process stands: `step` is being done or, while compensating, undone."""

    process_id: str
    order_id: str
    version: int
    status: ProcessStatus
    step: str
    attempt: int
    has_failed: bool
    retry_at: datetime | None
    done: tuple[str, ...]
    attempts: dict[str, int]
    is_compensating: bool

    @property
    def is_moving(self) -> bool:
        return self.status in {ProcessStatus.RUNNING, ProcessStatus.COMPENSATING}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentView:
    """Amounts are minor units. In flight: asked for at the gateway, and not answered yet."""

    payment_id: str
    status: PaymentStatus
    authorized: int
    voided: int
    captured: int
    capturable: int
    refundable: int
    void_pending: int
    captures: dict[str, OperationStatus]
    refunds: dict[str, tuple[int, OperationStatus]]

    @property
    def is_requested(self) -> bool:
        return self.status is PaymentStatus.REQUESTED

    @property
    def is_authorized(self) -> bool:
        return self.authorized > self.voided

    @property
    def is_refused(self) -> bool:
        return self.status in {PaymentStatus.DECLINED, PaymentStatus.FAILED}

    @property
    def is_capture_pending(self) -> bool:
        return OperationStatus.PENDING in self.captures.values()

    @property
    def is_in_flight(self) -> bool:
        refunds = [status for _, status in self.refunds.values()]
        return bool(
            self.is_requested
            or self.void_pending
            or self.is_capture_pending
            or OperationStatus.PENDING in refunds
        )


class Owed(Enum):
    """What a gateway still owes to a payment: an answer, or one that it has failed to give."""

    NOTHING = auto()
    ANSWER = auto()
    LATE_ANSWER = auto()


def owed(payment: Aggregate | None, key: GatewayKey) -> Owed:
    if not isinstance(payment, PaymentState) or not _is_in_flight(payment, key):
        return Owed.NOTHING
    return Owed.LATE_ANSWER if str(key) in payment.unknown else Owed.ANSWER


def _is_in_flight(payment: PaymentState, key: GatewayKey) -> bool:
    match key.operation:
        case PaymentOperation.AUTHORIZE:
            return payment.status is PaymentStatus.REQUESTED
        case PaymentOperation.VOID:
            return payment.void_pending > 0
        case PaymentOperation.CAPTURE:
            return _is_pending(payment.captures.get(key.n))
        case PaymentOperation.REFUND:
            return _is_pending(payment.refunds.get(key.n))


def _is_pending(operation: Operation | None) -> bool:
    return operation is not None and operation.status is OperationStatus.PENDING


def owed_keys(payment: Aggregate | None) -> list[GatewayKey]:
    """The operations that the payment asked for and has heard of no outcome."""
    if not isinstance(payment, PaymentState):
        return []
    candidates = (
        GatewayKey(payment.payment_id, PaymentOperation.AUTHORIZE),
        GatewayKey(payment.payment_id, PaymentOperation.VOID),
        *(GatewayKey(payment.payment_id, PaymentOperation.CAPTURE, n) for n in payment.captures),
        *(GatewayKey(payment.payment_id, PaymentOperation.REFUND, n) for n in payment.refunds),
    )
    return [key for key in candidates if owed(payment, key) is not Owed.NOTHING]


def process_view(process: Aggregate | None) -> ProcessView | None:
    if not isinstance(process, Process):
        return None
    return ProcessView(
        process_id=process.id,
        order_id=process.order_id,
        version=process.version,
        status=process.status,
        step=process.step,
        attempt=process.attempt,
        has_failed=process.has_failed,
        retry_at=process.retry_at,
        done=process.done,
        attempts=dict(process.attempts),
        is_compensating=process.is_compensating,
    )


def payment_view(payment: Aggregate | None) -> PaymentView | None:
    if not isinstance(payment, PaymentState):
        return None
    return PaymentView(
        payment_id=payment.payment_id,
        status=payment.status,
        authorized=payment.authorized,
        voided=payment.voided,
        captured=payment.captured,
        capturable=payment.capturable,
        refundable=payment.refundable,
        void_pending=payment.void_pending,
        captures={one: operation.status for one, operation in payment.captures.items()},
        refunds={
            one: (operation.amount, operation.status) for one, operation in payment.refunds.items()
        },
    )


def order_status(order: Aggregate | None) -> OrderStatus | None:
    return order.status if isinstance(order, OrderState) else None


def order_gives_back(order: Aggregate | None) -> bool:
    """Whether something of a confirmed order was cancelled or returned."""
    if not isinstance(order, OrderState):
        return False
    return order.status is OrderStatus.CANCELLED or order.refunded_minor > 0


def available_units(item: Aggregate | None) -> int:
    return max(item.available, 0) if isinstance(item, StockItem) else 0


def held_units(item: Aggregate | None, reservation_id: str) -> int:
    """The units of a live reservation, 0 where there is none."""
    reservation = item.reservations.get(reservation_id) if isinstance(item, StockItem) else None
    return reservation.quantity if reservation else 0


async def payments(bus: CommandBus, payment_ids: Iterable[str]) -> list[PaymentView]:
    """Those of the payments that exist, oldest first."""
    views = [
        await bus.inspect(payment_stream(payment_id), payment_view) for payment_id in payment_ids
    ]
    return [view for view in views if view is not None]
