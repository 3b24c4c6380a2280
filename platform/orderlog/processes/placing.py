"""What the forward and the backward half of a placement share: the steps, and one look at it."""

from dataclasses import dataclass
from typing import Final

from orderlog.application.command_bus import CommandBus
from orderlog.application.writer import Receipt
from orderlog.domain.aggregate import Event
from orderlog.domain.commands import Command
from orderlog.domain.processes.commands import (
    FailStep,
    Intervene,
    StartCompensation,
    SucceedStep,
    placement_stream,
)
from orderlog.domain.processes.events import InterventionAction, ProcessStatus
from orderlog.domain.processes.process import step_command_id
from orderlog.processes.placement import Placement
from orderlog.processes.story import metadata_of
from orderlog.processes.views import PaymentView, ProcessView, payments, process_view

RESERVE: Final = "reserve"
AUTHORIZE: Final = "authorize"
CONFIRM: Final = "confirm"
COMMIT_STOCK: Final = "commit-stock"
CAPTURE: Final = "capture"


@dataclass(slots=True, kw_only=True)
class Turn:
    """One look at one placement: what was placed, where it stands, which event made us look.

    `lead` are successes that wait to commit together with what follows from them.
    """

    placement: Placement
    cause: Event
    record: ProcessView
    step: str
    payment: PaymentView | None = None
    lead: tuple[SucceedStep, ...] = ()
    is_retry: bool = False
    is_forced: bool = False

    @property
    def order_id(self) -> str:
        return self.placement.order_id

    @property
    def process_id(self) -> str:
        return self.record.process_id

    def attempts(self, step: str) -> int:
        """How often the step was requested, at least once: it is about to be."""
        return self.record.attempts.get(step, 1)

    def succeeded(self, step: str, next_step: str | None) -> SucceedStep:
        return SucceedStep(process_id=self.process_id, step=step, next_step=next_step)

    def failed(self, code: str) -> FailStep:
        """For good: an operator or the compensation follows."""
        return FailStep(process_id=self.process_id, step=self.step, code=code, retryable=False)

    def compensation(self, reason: str) -> StartCompensation | Intervene:
        """A stuck process is set free first; that is an intervention, even if it is our own."""
        if self.record.status is ProcessStatus.STUCK:
            return Intervene(
                process_id=self.process_id, action=InterventionAction.COMPENSATE, note=reason
            )
        return StartCompensation(process_id=self.process_id, reason=reason)


def not_started(order_id: str) -> ProcessView:
    """What a placement looks like before its first command."""
    return ProcessView(
        process_id=placement_stream(order_id),
        order_id=order_id,
        version=0,
        status=ProcessStatus.RUNNING,
        step=RESERVE,
        attempt=1,
        has_failed=False,
        retry_at=None,
        done=(),
        attempts={RESERVE: 1},
        is_compensating=False,
    )


class Placing:
    """Sends what a turn decides, and reads what it needs."""

    def __init__(self, bus: CommandBus) -> None:
        self.bus = bus

    async def send(
        self, turn: Turn, phase: str, *commands: Command, expected_version: int | None = None
    ) -> Receipt:
        """Commits what waited and what follows from it, all or nothing. Raises `Rejected`.

        The command id comes from process, step and attempt: sent again, it is the same one.
        """
        command_id = step_command_id(turn.process_id, phase, turn.attempts(phase))
        receipt = await self.bus.execute(
            *turn.lead,
            *commands,
            metadata=metadata_of(turn.cause, command_id),
            expected_version=expected_version,
        )
        turn.lead = ()
        return receipt

    async def record(self, order_id: str) -> ProcessView | None:
        return await self.bus.inspect(placement_stream(order_id), process_view)

    async def payments(self, turn: Turn) -> list[PaymentView]:
        """The payments of this placement, oldest first; the last one is the one that counts."""
        ids = turn.placement.payment_ids(turn.attempts(AUTHORIZE))
        return await payments(self.bus, ids)
