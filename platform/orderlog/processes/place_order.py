"""An order was placed: reserve, authorize, confirm, commit the stock, capture.

Up to the confirmation everything can be undone; after it the process only goes forward. A step
and the record of it commit together, so that a crash leaves nothing half known. What is asked
outside, of a gateway, comes back as an event; each event makes the process look where it stands
and go on from there, however often and in whatever order events come.

Shortage: PARTIAL and BACKORDER are treated as REJECT for now, because the lines of an order cannot
be cancelled before it is confirmed, and no stock item takes backorders yet.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, Final, assert_never

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import utc_now
from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import OrderCancelled, OrderImported, OrderPlaced, OrderStatus
from orderlog.domain.payments.events import (
    CaptureFailed,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentOutcomeUnknown,
    PaymentVoided,
    RefundSucceeded,
)
from orderlog.domain.processes.commands import (
    CompensateStep,
    CompleteProcess,
    FailStep,
    RetryStep,
    placement_stream,
)
from orderlog.domain.processes.events import (
    InterventionAction,
    InterventionApplied,
    ProcessOutcome,
    ProcessStatus,
)
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.related import order_of
from orderlog.processes.compensate_placement import CANCELLED
from orderlog.processes.placement import Placement, Placements
from orderlog.processes.placement_steps import (
    Steps,
    capture_id,
    capture_request,
    payment_request,
    start_of,
)
from orderlog.processes.placing import (
    AUTHORIZE,
    CAPTURE,
    COMMIT_STOCK,
    CONFIRM,
    RESERVE,
    Turn,
    not_started,
)
from orderlog.processes.story import Backoff, Deadlines
from orderlog.processes.stuck import leave_stuck

PAYMENT_ATTEMPTS_MAX: Final = 3
CAPTURE_RETRIES: Final = Backoff(first_seconds=60, longest_seconds=24 * 3_600, attempts_max=5)
PATIENCE_SECONDS: Final = 1_800.0
PATIENCE: Final = "patience"

NEXT_STEP: Final = {
    RESERVE: AUTHORIZE,
    AUTHORIZE: CONFIRM,
    CONFIRM: COMMIT_STOCK,
    COMMIT_STOCK: CAPTURE,
    CAPTURE: None,
}


class PlaceOrder(Steps):
    """`patience_seconds`: how long a silent gateway is waited for before somebody is told."""

    name: ClassVar[str] = "placement"
    reacts_to: ClassVar[tuple[type[Event], ...]] = (
        OrderPlaced,
        OrderImported,
        OrderCancelled,
        PaymentAuthorized,
        PaymentDeclined,
        PaymentFailed,
        PaymentOutcomeUnknown,
        PaymentCaptured,
        CaptureFailed,
        PaymentVoided,
        RefundSucceeded,
        InterventionApplied,
    )

    def __init__(
        self,
        bus: CommandBus,
        placements: Placements,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        capture_retries: Backoff = CAPTURE_RETRIES,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(bus)
        self._placements = placements
        self._patience = timedelta(seconds=patience_seconds)
        self._capture_retries = capture_retries
        self._now = now

    async def react(self, event: Event, deadlines: Deadlines) -> None:
        if isinstance(event, OrderPlaced | OrderImported):
            await self._start(self._placements.keep(event))
            return
        turn = await self._turn(order_of(event) or "", event)
        if turn is None:
            return
        match event:
            case OrderCancelled() if not turn.record.is_compensating:
                await self._stop(turn, event)
            case InterventionApplied():
                if event.originator_id == turn.process_id:
                    await self._intervene(turn, event)
            case PaymentDeclined() | PaymentFailed() if not turn.record.is_compensating:
                await self._pay_again(turn, event)
            case CaptureFailed() if not turn.record.is_compensating:
                await self._capture_again(turn, event, deadlines)
            case PaymentOutcomeUnknown():
                deadlines.set(PATIENCE, self._now() + self._patience)
            case _:
                await self._go_on(turn)

    async def due(self, order_id: str, deadline: str, deadlines: Deadlines) -> None:  # noqa: ARG002 - a story's signature
        turn = await self._turn(order_id, None)
        if turn is None or not turn.record.is_moving:
            return
        if deadline == PATIENCE:
            await self._lose_patience(turn)
        elif turn.step == CAPTURE and turn.record.has_failed:
            await self._retry_capture(turn)

    async def give_up(self, order_id: str, event: Event | None, code: str) -> None:
        if isinstance(event, OrderPlaced | OrderImported) and not await self.record(order_id):
            turn = _first_turn(self._placements.keep(event))
            await self.send(turn, "start", start_of(turn))
        await leave_stuck(
            self.bus, order_id, event or (await self._placements.get(order_id)).cause, code
        )

    async def _turn(self, order_id: str, cause: Event | None) -> Turn | None:
        """None where no placement was ever started: it is then none of our business."""
        record = await self.record(order_id)
        if record is None:
            return None
        placement = await self._placements.get(order_id)
        return Turn(
            placement=placement, cause=cause or placement.cause, record=record, step=record.step
        )

    async def _start(self, placement: Placement) -> None:
        try:
            await self.start(_first_turn(placement))
        except Rejected as rejection:
            if rejection.code is not ErrorCode.VERSION_CONFLICT:
                raise
            turn = await self._turn(placement.order_id, placement.cause)
            if turn is not None:
                await self._go_on(turn)

    async def _go_on(self, turn: Turn) -> None:
        """Looks where the process stands and does what can be done there."""
        match turn.record.status:
            case ProcessStatus.COMPENSATING:
                await self.undo(turn)
            case ProcessStatus.STUCK if turn.record.is_compensating:
                await self.undo(turn)
            case ProcessStatus.RUNNING | ProcessStatus.STUCK:
                await self.walk(turn, turn.record.step)
            case ProcessStatus.COMPLETED:
                await self._return_late_money(turn)

    async def _return_late_money(self, turn: Turn) -> None:
        """Money that arrives after the placement was undone; past the pivot refunds decide."""
        if CONFIRM not in turn.record.done:
            await self.give_back(turn)

    async def _stop(self, turn: Turn, event: OrderCancelled) -> None:
        """Cancelled before the pivot, all is undone; after it, the refund story takes over."""
        record = turn.record
        if record.status is ProcessStatus.COMPLETED:
            return
        if event.from_status is OrderStatus.PENDING:
            await self.compensate(turn, CANCELLED)
            return
        free = [turn.compensation(CANCELLED)] if record.status is ProcessStatus.STUCK else []
        end = CompleteProcess(process_id=turn.process_id, outcome=ProcessOutcome.COMPENSATED)
        await self.send(turn, "stop", *free, end)

    async def _pay_again(self, turn: Turn, event: PaymentDeclined | PaymentFailed) -> None:
        payment = await self.payment(turn)
        is_news = payment is not None and event.originator_id.endswith(payment.payment_id)
        if turn.step != AUTHORIZE or not is_news:
            return
        attempt = turn.attempts(AUTHORIZE)
        is_retryable = isinstance(event, PaymentDeclined) and event.retryable
        if is_retryable and attempt < PAYMENT_ATTEMPTS_MAX and turn.record.is_moving:
            await self.send(
                turn,
                f"{AUTHORIZE}/again",
                self._failed(turn, event.code, self._now()),
                RetryStep(process_id=turn.process_id, step=AUTHORIZE),
                payment_request(turn, attempt + 1),
            )
        else:
            await self.compensate(turn, ErrorCode.PAYMENT_DECLINED)

    async def _capture_again(self, turn: Turn, event: CaptureFailed, deadlines: Deadlines) -> None:
        """Before the pivot a failed capture undoes the placement; after it, it is tried again."""
        payment = await self.payment(turn)
        if turn.record.retry_at is not None:
            deadlines.set(CAPTURE, turn.record.retry_at)
            return
        if payment is None or not turn.record.is_moving:
            await self._go_on(turn)
            return
        attempt = turn.attempts(turn.step)
        if event.capture_id != capture_id(payment.payment_id, turn.step, attempt):
            return
        if turn.step == AUTHORIZE:
            await self.compensate(turn, ErrorCode.PAYMENT_DECLINED)
        elif attempt < self._capture_retries.attempts_max:
            pause = self._capture_retries.pause_seconds(attempt, turn.process_id)
            retry_at = self._now() + timedelta(seconds=pause)
            await self.send(turn, f"{CAPTURE}/failed", self._failed(turn, event.code, retry_at))
            deadlines.set(CAPTURE, retry_at)
        else:
            await self.mark_stuck(turn, event.code)

    async def _retry_capture(self, turn: Turn) -> None:
        payment = await self.payment(turn)
        if payment is not None:
            retry = RetryStep(process_id=turn.process_id, step=CAPTURE)
            capture = capture_request(payment, CAPTURE, turn.attempts(CAPTURE) + 1)
            await self.send(turn, f"{CAPTURE}/again", retry, capture)

    async def _lose_patience(self, turn: Turn) -> None:
        if any(payment.is_in_flight for payment in await self.payments(turn)):
            await self.mark_stuck(turn, ErrorCode.PAYMENT_OUTCOME_UNKNOWN)

    async def _intervene(self, turn: Turn, event: InterventionApplied) -> None:
        """RETRY does the step again. SKIP takes it for done; FORCE too, and asks for no money."""
        if event.originator_id != placement_stream(turn.order_id):
            return
        match event.action:
            case InterventionAction.RETRY:
                turn.is_retry = turn.record.is_moving
                await self._go_on(turn)
            case InterventionAction.COMPENSATE:
                await self.intervened(turn)
            case InterventionAction.SKIP | InterventionAction.FORCE:
                is_news = event.originator_version == turn.record.version
                turn.is_forced = is_news and event.action is InterventionAction.FORCE
                await (self._skip(turn) if is_news else self._go_on(turn))
            case _:
                assert_never(event.action)

    async def _skip(self, turn: Turn) -> None:
        step = turn.record.step
        if turn.record.is_compensating:
            done = CompensateStep(process_id=turn.process_id, step=step)
            await self.send(turn, f"{step}/skipped", done)
            await self.undo(turn)
            return
        following = NEXT_STEP[step]
        skipped = turn.succeeded(step, following)
        if following in {AUTHORIZE, CAPTURE, None}:
            await self.send(turn, f"{step}/skipped", skipped)
            turn.is_retry = True
        else:
            turn.lead = (skipped,)
        await self.walk(turn, following)

    def _failed(self, turn: Turn, code: str, retry_at: datetime) -> FailStep:
        return FailStep(
            process_id=turn.process_id, step=turn.step, code=code, retryable=True, retry_at=retry_at
        )


def _first_turn(placement: Placement) -> Turn:
    record = not_started(placement.order_id)
    return Turn(placement=placement, cause=placement.cause, record=record, step=RESERVE)
