"""The five steps of a placement, forward: each does its work and names the next one."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import derived_id, new_id
from orderlog.domain.commands import Command
from orderlog.domain.money import Money
from orderlog.domain.orders.commands import ConfirmOrder
from orderlog.domain.orders.events import CaptureMode, OrderStatus, ShortageItem
from orderlog.domain.payments.commands import RequestCapture, RequestPayment
from orderlog.domain.processes.commands import MarkStuck, StartProcess
from orderlog.domain.processes.events import ProcessKind
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.stock.commands import CommitReservation, ReserveStock
from orderlog.domain.stock.events import StockReservationRefused
from orderlog.gateways.registry import gateway_name
from orderlog.processes.compensate_placement import CANCELLED, Compensating, shortage
from orderlog.processes.placement import payment_id
from orderlog.processes.placing import AUTHORIZE, CAPTURE, COMMIT_STOCK, CONFIRM, RESERVE, Turn
from orderlog.processes.views import PaymentView

Step: TypeAlias = Callable[[Turn], Awaitable[str | None]]
"""Returns the step that can be done at once, or None where the process waits or is over."""


class Steps(Compensating):
    def __init__(self, bus: CommandBus) -> None:
        super().__init__(bus)
        self._steps: dict[str, Step] = {
            RESERVE: self._reserve,
            AUTHORIZE: self._authorize,
            CONFIRM: self._confirm,
            COMMIT_STOCK: self._commit_stock,
            CAPTURE: self._capture,
        }

    async def walk(self, turn: Turn, step: str | None) -> None:
        """Does one step after the other until one has to wait."""
        while step is not None:
            turn.step = step
            step = await self._steps[step](turn)

    async def start(self, turn: Turn) -> None:
        """Raises `VERSION_CONFLICT` where the process was started before."""
        await self.walk(turn, await self._reserve(turn, start_of(turn)))

    async def _reserve(self, turn: Turn, *start: StartProcess) -> str | None:
        """Everything in one transaction, in the order of the streams."""
        try:
            items = await self._refusals(turn, start)
            started: tuple[StartProcess, ...] = ()
        except Rejected as rejection:
            if rejection.code is not ErrorCode.SKU_NOT_FOUND:
                raise
            items, started = await self.shortages(turn), start
        if items:
            await self.compensate(turn, ErrorCode.INSUFFICIENT_STOCK, items, *started)
            return None
        following = AUTHORIZE if turn.placement.grand_total else CONFIRM
        turn.lead = (turn.succeeded(RESERVE, following),)
        return following

    async def _refusals(
        self, turn: Turn, start: tuple[StartProcess, ...]
    ) -> tuple[ShortageItem, ...]:
        commands: list[Command] = [*start, *reserves_of(turn)]
        if not commands:
            return ()
        # A refusal leaves no trace in the process: asked again, it is another command.
        version, phase = (0, RESERVE) if start else (None, f"{RESERVE}/{new_id()}")
        receipt = await self.send(turn, phase, *commands, expected_version=version)
        available = {
            event.reservation_id: event.available
            for _, event in receipt.events
            if isinstance(event, StockReservationRefused)
        }
        short = [one for one in turn.placement.demands if one.reservation_id in available]
        return tuple(shortage(one, available[one.reservation_id]) for one in short)

    async def _authorize(self, turn: Turn) -> str | None:
        payment = None if turn.lead else await self.payment(turn)
        if payment is None or (payment.is_refused and turn.is_retry):
            await self.send(turn, AUTHORIZE, payment_request(turn, turn.attempts(AUTHORIZE)))
            return None
        if not payment.is_authorized:
            return None
        if turn.placement.capture_mode is CaptureMode.IMMEDIATE and not payment.captured:
            attempt = turn.attempts(AUTHORIZE)
            capture = capture_request(payment, AUTHORIZE, attempt)
            await self.send(turn, f"{AUTHORIZE}/capture", capture)
            return None
        turn.lead = (turn.succeeded(AUTHORIZE, CONFIRM),)
        return CONFIRM

    async def _confirm(self, turn: Turn) -> str | None:
        """The pivot. The order itself refuses where it was cancelled in the meantime."""
        confirm = await self._confirmation(turn)
        try:
            await self.send(turn, CONFIRM, confirm, turn.succeeded(CONFIRM, COMMIT_STOCK))
        except Rejected as rejection:
            if rejection.retryable:
                raise
            is_over = await self.status(turn) is not OrderStatus.PENDING
            await self.compensate(turn, CANCELLED if is_over else rejection.code)
            return None
        return COMMIT_STOCK

    async def _confirmation(self, turn: Turn) -> ConfirmOrder:
        payment = await self.payment(turn)
        paid = [payment] if payment and payment.is_authorized else []
        authorized = sum(one.authorized - one.voided for one in paid)
        return ConfirmOrder(
            order_id=turn.order_id,
            reservation_ids=turn.placement.reservation_ids,
            payment_ids=tuple(one.payment_id for one in paid),
            authorized_minor=turn.placement.grand_total if turn.is_forced else authorized,
        )

    async def _commit_stock(self, turn: Turn) -> str | None:
        """Commits, and asks for the money at once where the order is paid on confirmation."""
        capture = await self._first_capture(turn)
        done = turn.succeeded(COMMIT_STOCK, CAPTURE if capture else None)
        commands: list[Command] = [*commits_of(turn), done, *capture]
        try:
            await self._send_commits(turn, commands)
        except Rejected as rejection:
            if rejection.code is not ErrorCode.RESERVATION_NOT_FOUND:
                raise
            if await self.status(turn) is not OrderStatus.CANCELLED:
                await self.mark_stuck(turn, ErrorCode.INSUFFICIENT_STOCK)
        return None

    async def _send_commits(self, turn: Turn, commands: list[Command]) -> None:
        """What has expired is reserved again; refused, it cannot be committed, and all fails."""
        try:
            await self.send(turn, COMMIT_STOCK, *commands)
        except Rejected as rejection:
            is_expired = rejection.code is ErrorCode.RESERVATION_NOT_FOUND
            if not is_expired or await self.status(turn) is OrderStatus.CANCELLED:
                raise
            await self.send(turn, f"{COMMIT_STOCK}/again", *reserves_of(turn), *commands)

    async def _first_capture(self, turn: Turn) -> list[RequestCapture]:
        payment = await self.payment(turn)
        is_now = turn.placement.capture_mode is CaptureMode.ON_CONFIRM
        if payment is None or not payment.capturable or not is_now:
            return []
        return [capture_request(payment, CAPTURE, turn.attempts(CAPTURE))]

    async def _capture(self, turn: Turn) -> str | None:
        payment = await self.payment(turn)
        if payment is None or payment.is_capture_pending:
            return None
        if payment.captured:
            await self.send(turn, f"{CAPTURE}/done", turn.succeeded(CAPTURE, None))
        elif turn.is_retry:
            capture = capture_request(payment, CAPTURE, turn.attempts(CAPTURE))
            await self.send(turn, CAPTURE, capture)
        return None

    async def payment(self, turn: Turn) -> PaymentView | None:
        """The newest payment, read once in a turn: in between nobody else touches it."""
        if turn.payment is None:
            turn.payment = next(reversed(await self.payments(turn)), None)
        return turn.payment

    async def mark_stuck(self, turn: Turn, code: str) -> None:
        stuck = MarkStuck(process_id=turn.process_id, step=turn.step, code=code)
        await self.send(turn, f"{turn.step}/stuck", turn.failed(code), stuck)


def start_of(turn: Turn) -> StartProcess:
    return StartProcess(
        process_id=turn.process_id,
        kind=ProcessKind.PLACEMENT,
        order_id=turn.order_id,
        first_step=RESERVE,
    )


def reserves_of(turn: Turn) -> list[ReserveStock]:
    return [
        ReserveStock(
            sku=demand.sku,
            warehouse_id=demand.warehouse_id,
            reservation_id=demand.reservation_id,
            order_id=turn.order_id,
            line_id=demand.line_id,
            quantity=demand.quantity,
            expires_at=turn.placement.reserve_until,
        )
        for demand in turn.placement.demands
    ]


def commits_of(turn: Turn) -> list[CommitReservation]:
    return [
        CommitReservation(
            sku=demand.sku,
            warehouse_id=demand.warehouse_id,
            reservation_id=demand.reservation_id,
        )
        for demand in turn.placement.demands
    ]


def payment_request(turn: Turn, attempt: int) -> RequestPayment:
    placement = turn.placement
    return RequestPayment(
        payment_id=payment_id(turn.order_id, attempt),
        order_id=turn.order_id,
        amount=Money.of(placement.grand_total, placement.currency),
        method=placement.payment_method,
        gateway=gateway_name(placement.payment_method),
        capture_mode=placement.capture_mode,
    )


def capture_request(payment: PaymentView, step: str, attempt: int) -> RequestCapture:
    return RequestCapture(
        payment_id=payment.payment_id, capture_id=capture_id(payment.payment_id, step, attempt)
    )


def capture_id(payment_id: str, step: str, attempt: int) -> str:
    return derived_id(payment_id, step, str(attempt))
