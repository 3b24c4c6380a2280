"""A placement goes back: what it recorded as done is undone, last thing first."""

import asyncio
from collections.abc import Sequence
from typing import Final

from orderlog.application.metadata import derived_id
from orderlog.domain.commands import Command
from orderlog.domain.orders.commands import CancelOrder, RejectOrder, order_stream
from orderlog.domain.orders.events import OrderStatus, ShortageItem
from orderlog.domain.payments.commands import RequestRefund, RequestVoid
from orderlog.domain.processes.commands import CompensateStep
from orderlog.domain.processes.events import ProcessStatus
from orderlog.domain.rejections import Rejected
from orderlog.domain.stock.commands import ReleaseReason, ReleaseReservation
from orderlog.processes.placement import Demand
from orderlog.processes.placing import AUTHORIZE, RESERVE, Placing, Turn
from orderlog.processes.views import PaymentView, available_units, held_units, order_status

CANCELLED: Final = "ORDER_CANCELLED"
INTERVENTION: Final = "INTERVENTION"
REFUND_REASON: Final = "PLACEMENT_UNDONE"


class Compensating(Placing):
    async def compensate(
        self, turn: Turn, code: str, items: Sequence[ShortageItem] = (), *started: Command
    ) -> None:
        """Rejects the order, unless it is over already, and undoes what was done so far."""
        commands = [*started, turn.failed(code), *await self._unfinished(turn)]
        end, phase = turn.compensation(code), f"{turn.step}/undo"
        rejection: list[Command] = []
        if await self.status(turn) is OrderStatus.PENDING:
            rejection.append(RejectOrder(order_id=turn.order_id, code=code, items=tuple(items)))
        try:
            await self.send(turn, phase, *commands, *rejection, end)
        except Rejected:
            if not rejection or await self.status(turn) is OrderStatus.PENDING:
                raise
            await self.send(turn, phase, *commands, end)  # cancelled in this very moment
        await self.undo(turn)

    async def undo(self, turn: Turn) -> None:
        """Goes on with a compensation as far as possible without an answer from outside."""
        while True:
            record = await self.record(turn.order_id)
            if record is None or record.status is not ProcessStatus.COMPENSATING:
                return
            turn.record, turn.step = record, record.step
            undoing = await self._undoing(turn)
            if undoing is None:
                return
            done = CompensateStep(process_id=turn.process_id, step=record.step)
            await self.send(turn, f"{record.step}/undone", *undoing, done)

    async def _undoing(self, turn: Turn) -> Sequence[Command] | None:
        """What undoes the current step; None while a gateway still has to answer."""
        if turn.record.step not in {AUTHORIZE, RESERVE}:
            return ()
        await self.give_back(turn)
        if turn.record.step == RESERVE:
            return await self.releases(turn)
        return () if await self._has_money_back(turn) else None

    async def give_back(self, turn: Turn) -> None:
        """Asks for the return of all money that this placement holds or has taken."""
        commands = [
            command
            for payment in await self.payments(turn)
            for command in _returns_of(payment, turn.attempts(AUTHORIZE))
        ]
        if commands:
            await self.send(turn, f"{AUTHORIZE}/give-back", *commands)

    async def _has_money_back(self, turn: Turn) -> bool:
        return all(
            not (payment.is_in_flight or payment.capturable or payment.refundable)
            for payment in await self.payments(turn)
        )

    async def releases(self, turn: Turn) -> list[ReleaseReservation]:
        """Of the reservations that live, for the others there is nothing to release."""
        demands = turn.placement.demands
        held = await asyncio.gather(*(self._held(demand) for demand in demands))
        is_cancelled = await self.status(turn) is OrderStatus.CANCELLED
        reason = ReleaseReason.CANCELLED if is_cancelled else ReleaseReason.REJECTED
        return [
            ReleaseReservation(
                sku=demand.sku,
                warehouse_id=demand.warehouse_id,
                reservation_id=demand.reservation_id,
                reason=reason,
            )
            for demand, units in zip(demands, held, strict=True)
            if units
        ]

    async def shortages(self, turn: Turn) -> tuple[ShortageItem, ...]:
        """What is missing of all that is asked for, at once; an unknown SKU has nothing."""
        demands = turn.placement.demands
        available = await asyncio.gather(
            *(self.bus.inspect(demand.stream_id, available_units) for demand in demands)
        )
        return tuple(
            shortage(demand, units)
            for demand, units in zip(demands, available, strict=True)
            if units < demand.quantity
        )

    async def intervened(self, turn: Turn) -> None:
        """An operator had the placement undone: past the pivot that cancels the order."""
        cancel = CancelOrder(order_id=turn.order_id, reason_code=INTERVENTION)
        reject = RejectOrder(order_id=turn.order_id, code=INTERVENTION)
        match await self.status(turn):
            case OrderStatus.PENDING:
                unfinished = await self.releases(turn) if RESERVE not in turn.record.done else ()
                await self.send(turn, "intervention", reject, *unfinished)
            case OrderStatus.CONFIRMED:
                await self.send(turn, "intervention", cancel)
            case _:
                pass
        await self.undo(turn)

    async def _unfinished(self, turn: Turn) -> list[ReleaseReservation]:
        """Reservations of a step that did not succeed are this process's own, and go too."""
        return await self.releases(turn) if turn.step == RESERVE else []

    async def _held(self, demand: Demand) -> int:
        return await self.bus.inspect(
            demand.stream_id, lambda item: held_units(item, demand.reservation_id)
        )

    async def status(self, turn: Turn) -> OrderStatus | None:
        return await self.bus.inspect(order_stream(turn.order_id), order_status)


def shortage(demand: Demand, available: int) -> ShortageItem:
    return ShortageItem(demand.line_id, demand.sku, demand.quantity, available)


def _returns_of(payment: PaymentView, attempt: int) -> list[Command]:
    """A capture that is under way is waited for: its outcome decides what there is to return."""
    returns: list[Command] = []
    if payment.capturable and not payment.is_capture_pending:
        returns.append(RequestVoid(payment_id=payment.payment_id))
    refund_id = derived_id(payment.payment_id, REFUND_REASON, str(attempt))
    if payment.refundable and refund_id not in payment.refunds:
        returns.append(
            RequestRefund(
                payment_id=payment.payment_id, refund_id=refund_id, reason_code=REFUND_REASON
            )
        )
    return returns
