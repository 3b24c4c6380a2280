"""A confirmed order was cancelled, in whole or in part, or units came back: give back what is due.

Stock that was promised and not shipped is released; money that was only authorized is given up,
money that was taken is refunded, newest payment first. Returned goods are put on the shelf by
whoever received them, not here. Before the confirmation the placement undoes itself.

The record of what was given back commits with it, so that an event delivered twice gives back
once. A refund that the gateway refuses becomes a stuck process of its own.
"""

from collections.abc import Sequence
from typing import ClassVar, Final, TypeAlias, TypeGuard

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import derived_id
from orderlog.domain.aggregate import Event
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import (
    OrderCancelled,
    OrderLinesCancelled,
    OrderLinesReturned,
    OrderStatus,
    RefundPolicy,
)
from orderlog.domain.payments.commands import RequestRefund, RequestVoid
from orderlog.domain.payments.events import CaptureFailed, PaymentCaptured, RefundFailed
from orderlog.domain.processes.commands import (
    StartProcess,
    SucceedStep,
    parse_process_stream,
    placement_stream,
    refund_stream,
)
from orderlog.domain.processes.events import InterventionAction, InterventionApplied, ProcessKind
from orderlog.domain.processes.process import step_command_id
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.related import order_of
from orderlog.domain.stock.commands import ReleaseReason, ReleaseReservation, WriteOffStock
from orderlog.processes.placement import Demand, Placement, Placements, payment_id
from orderlog.processes.placing import AUTHORIZE
from orderlog.processes.story import Deadlines, metadata_of
from orderlog.processes.stuck import (
    GIVE_BACK,
    REFUND,
    leave_stuck,
    open_stuck,
)
from orderlog.processes.views import (
    PaymentView,
    held_units,
    order_gives_back,
    payments,
    process_view,
)

GivingBack: TypeAlias = OrderCancelled | OrderLinesCancelled | OrderLinesReturned
RETURNED: Final = "RETURNED"
REFUND_AGAIN: Final = "REFUND_AGAIN"


class RefundOrder:
    name: ClassVar[str] = "refund"
    reacts_to: ClassVar[tuple[type[Event], ...]] = (
        OrderCancelled,
        OrderLinesCancelled,
        OrderLinesReturned,
        PaymentCaptured,
        CaptureFailed,
        RefundFailed,
        InterventionApplied,
    )

    def __init__(self, bus: CommandBus, placements: Placements) -> None:
        self._bus = bus
        self._placements = placements

    async def react(self, event: Event, deadlines: Deadlines) -> None:  # noqa: ARG002 - it never waits
        match event:
            case OrderCancelled() | OrderLinesCancelled() | OrderLinesReturned():
                if _is_ours(event):
                    await self._give_back(event)
            case RefundFailed():
                await self._report(event)
            case InterventionApplied():
                await self._intervene(event)
            case PaymentCaptured() | CaptureFailed():
                await self._catch_up(event.order_id)
            case _:
                pass

    async def due(self, order_id: str, deadline: str, deadlines: Deadlines) -> None:
        """Nothing to do: no deadline is ever set here."""

    async def give_up(self, order_id: str, event: Event | None, code: str) -> None:
        await leave_stuck(
            self._bus, order_id, event or (await self._placements.get(order_id)).cause, code
        )

    async def _give_back(self, event: GivingBack, *, is_retry: bool = False) -> None:
        placement = await self._placements.get(order_of(event) or "")
        process_id = refund_stream(placement.order_id, event.envelope.event_id)
        start = StartProcess(
            process_id=process_id,
            kind=ProcessKind.REFUND,
            order_id=placement.order_id,
            first_step=GIVE_BACK,
        )
        try:
            await self._bus.execute(
                start,
                *await self._releases(placement, event),
                *await self._money_back(placement, event),
                SucceedStep(process_id=process_id, step=GIVE_BACK, next_step=None),
                metadata=metadata_of(event, step_command_id(process_id, GIVE_BACK, 1 + is_retry)),
                expected_version=None if is_retry else 0,
            )
        except Rejected as rejection:
            if rejection.code is not ErrorCode.VERSION_CONFLICT:
                raise

    async def _catch_up(self, order_id: str) -> None:
        """An answer to a capture came after something was given up: the rest follows now."""
        if not await self._bus.inspect(order_stream(order_id), order_gives_back):
            return
        placement = await self._placements.get(order_id)
        for event in await self._placements.events(order_stream(order_id)):
            if _is_ours(event):
                commands = await self._money_back(placement, event)
                if commands:
                    step = f"{GIVE_BACK}/late"
                    command_id = step_command_id(
                        refund_stream(order_id, event.envelope.event_id), step, len(commands)
                    )
                    await self._bus.execute(*commands, metadata=metadata_of(event, command_id))

    async def _releases(self, placement: Placement, event: GivingBack) -> list[Command]:
        """What is still promised of the cancelled units; what was shipped is no longer ours."""
        wanted = _cancelled_units(placement, event)
        commands: list[Command] = []
        for demand in placement.demands:
            units = min(wanted.get(demand.sku, 0), await self._held(demand))
            if units:
                commands.append(_release(demand, units))
            if units and isinstance(event, OrderCancelled) and not event.restock:
                commands.append(_write_off(demand, units, event.reason_code))
        return commands

    async def _held(self, demand: Demand) -> int:
        return await self._bus.inspect(
            demand.stream_id, lambda item: held_units(item, demand.reservation_id)
        )

    async def _money_back(self, placement: Placement, event: GivingBack) -> list[Command]:
        """Idempotent by the refund ids: what was asked for already counts as given."""
        newest_first = list(reversed(await self._paid(placement.order_id)))
        voids = _voids(newest_first) if isinstance(event, OrderCancelled) else []
        return [*voids, *_refunds(newest_first, event)]

    async def _paid(self, order_id: str) -> list[PaymentView]:
        record = await self._bus.inspect(placement_stream(order_id), process_view)
        attempts = record.attempts.get(AUTHORIZE, 0) if record else 0
        ids = [payment_id(order_id, number) for number in range(1, attempts + 1)]
        return await payments(self._bus, ids)

    async def _report(self, event: RefundFailed) -> None:
        await open_stuck(self._bus, event.refund_id, event.order_id, REFUND, event, event.code)

    async def _intervene(self, event: InterventionApplied) -> None:
        """RETRY tries again what the record is about; anything else closes the record."""
        record = await self._bus.inspect(event.originator_id, process_view)
        _, subject_id = parse_process_stream(event.originator_id)
        if not subject_id or record is None or not record.is_moving:
            return
        if event.action is not InterventionAction.RETRY:
            await self._close(event, record.step)
        elif record.step == REFUND:
            await self._refund_again(event, record.order_id, subject_id, record.attempt)
        else:
            await self._react_again(event, record.order_id, subject_id)

    async def _refund_again(
        self, event: InterventionApplied, order_id: str, refund_id: str, attempt: int
    ) -> None:
        """A new refund of the same amount; should it fail too, it gets a record of its own."""
        again = derived_id(refund_id, REFUND, str(attempt))
        commands = [
            RequestRefund(
                payment_id=payment.payment_id,
                refund_id=again,
                reason_code=REFUND_AGAIN,
                amount_minor=min(payment.refunds[refund_id][0], payment.refundable),
            )
            for payment in await self._paid(order_id)
            if refund_id in payment.refunds and payment.refundable
        ]
        await self._close(event, REFUND, *commands)

    async def _react_again(self, event: InterventionApplied, order_id: str, event_id: str) -> None:
        for former in await self._placements.events(order_stream(order_id)):
            if former.envelope.event_id == event_id and _is_ours(former):
                await self._give_back(former, is_retry=True)
                return
        await self._catch_up(order_id)
        await self._close(event, GIVE_BACK)

    async def _close(self, event: InterventionApplied, step: str, *commands: Command) -> None:
        process_id = event.originator_id
        command_id = step_command_id(process_id, f"{step}/closed", event.originator_version)
        done = SucceedStep(process_id=process_id, step=step, next_step=None)
        await self._bus.execute(*commands, done, metadata=metadata_of(event, command_id))


def _is_ours(event: Event) -> TypeGuard[GivingBack]:
    """What was cancelled before the confirmation, the placement itself gives back."""
    if isinstance(event, OrderCancelled):
        return event.from_status is OrderStatus.CONFIRMED
    return isinstance(event, OrderLinesCancelled | OrderLinesReturned)


def _cancelled_units(placement: Placement, event: GivingBack) -> dict[str, int]:
    match event:
        case OrderCancelled():
            return {demand.sku: demand.quantity for demand in placement.demands}
        case OrderLinesCancelled():
            return placement.units_by_sku(event.lines)
        case OrderLinesReturned():
            return {}


def _voids(payments: Sequence[PaymentView]) -> list[Command]:
    """A capture that is under way is waited for: its outcome says what there is to give back."""
    return [
        RequestVoid(payment_id=payment.payment_id)
        for payment in payments
        if payment.capturable and not payment.is_capture_pending
    ]


def _refunds(newest_first: Sequence[PaymentView], event: GivingBack) -> list[Command]:
    """One refund per payment and event, of what is still due after those asked for before."""
    ids = [derived_id(event.envelope.event_id, one.payment_id) for one in newest_first]
    given = [one.refunds.get(id_, (0, None))[0] for id_, one in zip(ids, newest_first, strict=True)]
    due = _due(event, newest_first) - sum(given)
    commands: list[Command] = []
    for refund_id, payment in zip(ids, newest_first, strict=True):
        amount = min(payment.refundable, due)
        if amount > 0 and refund_id not in payment.refunds:
            due -= amount
            commands.append(
                RequestRefund(
                    payment_id=payment.payment_id,
                    refund_id=refund_id,
                    reason_code=_reason_of(event),
                    amount_minor=amount,
                )
            )
    return commands


def _due(event: GivingBack, payments: Sequence[PaymentView]) -> int:
    """What the customer is to get back for this event, in minor units."""
    match event:
        case OrderLinesCancelled() | OrderLinesReturned():
            return event.refund_minor
        case OrderCancelled():
            match event.refund:
                case RefundPolicy.FULL:
                    return sum(payment.captured for payment in payments)
                case RefundPolicy.AMOUNT:
                    return event.amount or 0
                case RefundPolicy.NONE:
                    return 0


def _reason_of(event: GivingBack) -> str:
    return RETURNED if isinstance(event, OrderLinesReturned) else event.reason_code


def _release(demand: Demand, units: int) -> ReleaseReservation:
    return ReleaseReservation(
        sku=demand.sku,
        warehouse_id=demand.warehouse_id,
        reservation_id=demand.reservation_id,
        reason=ReleaseReason.CANCELLED,
        quantity=units,
    )


def _write_off(demand: Demand, units: int, reason_code: str) -> WriteOffStock:
    return WriteOffStock(
        sku=demand.sku, warehouse_id=demand.warehouse_id, quantity=units, reason_code=reason_code
    )
