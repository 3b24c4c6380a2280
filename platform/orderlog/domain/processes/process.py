"""The record that a process manager keeps of itself: which step it is at, and what it has done.

It knows no story. Whatever the story asks, it undoes only what it recorded as done, in reverse.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self, assert_never
from uuid import UUID

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.processes.commands import (
    CompensateStep,
    CompleteProcess,
    FailStep,
    Intervene,
    MarkStuck,
    ProcessCommand,
    RetryStep,
    StartCompensation,
    StartProcess,
    SucceedStep,
)
from orderlog.domain.processes.events import (
    CompensationStarted,
    InterventionAction,
    InterventionApplied,
    ProcessCompleted,
    ProcessEvent,
    ProcessKind,
    ProcessOutcome,
    ProcessStarted,
    ProcessStatus,
    ProcessStuck,
    StepCompensated,
    StepFailed,
    StepRequested,
    StepSucceeded,
)
from orderlog.domain.rejections import invalid_state, require_status
from orderlog.domain.values import named_uuid, require_note, require_text

_COMMAND_IDS: Final = UUID("4b1f0c5e-7a55-5d0e-9f35-6c8d1a2e7b90").bytes
"""The namespace of derived command ids. Never changes: a redelivery must find the same ids."""


def step_command_id(process_id: str, step: str, attempt: int) -> str:
    """The same for the same attempt, so that a command sent twice acts once."""
    return named_uuid(_COMMAND_IDS, f"{process_id}/{step}/{attempt}")


@dataclass(eq=False, repr=False)
class Process(Aggregate):
    """`step` is the one being done or, while compensating, undone; `attempt` counts from 1."""

    TOPIC = "process"

    kind: ProcessKind = ProcessKind.PLACEMENT
    order_id: str = ""
    channel_id: str = ""
    status: ProcessStatus = ProcessStatus.RUNNING
    outcome: ProcessOutcome | None = None
    step: str = ""
    attempt: int = 0
    has_failed: bool = False
    retry_at: datetime | None = None
    done: tuple[str, ...] = ()
    attempts: dict[str, int] = field(default_factory=dict[str, int])
    is_compensating: bool = False

    @property
    def to_compensate(self) -> tuple[str, ...]:
        """Steps that are still to be undone, next first. Empty until compensation has started."""
        return tuple(reversed(self.done)) if self.is_compensating else ()

    @classmethod
    def begin(cls, command: StartProcess, envelopes: EnvelopeSequence) -> Self:
        require_text(command.process_id, "processId")
        require_text(command.first_step, "firstStep")
        process = cls.start(
            command.stream_id,
            envelopes,
            ProcessStarted,
            kind=command.kind,
            order_id=command.order_id,
        )
        process._request(command.first_step, envelopes)  # noqa: SLF001 - its own class
        return process

    def handle(self, command: ProcessCommand, envelopes: EnvelopeSequence) -> None:
        match command:
            case StartProcess():
                return
            case SucceedStep():
                self.succeed(command, envelopes)
            case FailStep():
                self.fail(command, envelopes)
            case RetryStep():
                self.retry(command, envelopes)
            case StartCompensation():
                self.start_compensation(command, envelopes)
            case CompensateStep():
                self.compensate(command, envelopes)
            case CompleteProcess():
                self.complete(command, envelopes)
            case MarkStuck():
                self.mark_stuck(command, envelopes)
            case Intervene():
                self.intervene(command, envelopes)
            case _:
                assert_never(command)

    def succeed(self, command: SucceedStep, envelopes: EnvelopeSequence) -> None:
        """A late success also frees a process that is stuck at this very step."""
        is_over = self.status is ProcessStatus.COMPLETED or self.is_compensating
        if is_over or command.step != self.step:
            return
        self.record(envelopes, StepSucceeded, step=command.step)
        if command.next_step is None:
            self.record(envelopes, ProcessCompleted, outcome=ProcessOutcome.SUCCEEDED)
        else:
            self._request(command.next_step, envelopes)

    def fail(self, command: FailStep, envelopes: EnvelopeSequence) -> None:
        if not self._is_at(command.step) or self.has_failed:
            return
        self.record(
            envelopes,
            StepFailed,
            step=command.step,
            code=command.code,
            retryable=command.retryable,
            attempt=self.attempt,
            retry_at=command.retry_at,
        )

    def retry(self, command: RetryStep, envelopes: EnvelopeSequence) -> None:
        if self._is_at(command.step) and self.has_failed:
            self._request(command.step, envelopes)

    def start_compensation(self, command: StartCompensation, envelopes: EnvelopeSequence) -> None:
        if self.status is ProcessStatus.COMPENSATING:
            return
        require_status(self.status, ProcessStatus.RUNNING)
        require_text(command.reason, "reason")
        self._compensate_all(command.reason, envelopes)

    def compensate(self, command: CompensateStep, envelopes: EnvelopeSequence) -> None:
        """Strictly in reverse order. Undone already: no event. Late: frees a stuck process."""
        is_undone = command.step in self.attempts and command.step not in self.done
        if self.is_compensating and is_undone:
            return
        if not self.is_compensating:
            raise invalid_state(self.status, ProcessStatus.COMPENSATING)
        if command.step != self.step:
            message = f"The next step to be undone is {self.step}."
            raise invalid_state(self.status, ProcessStatus.COMPENSATING, because=message)
        self.record(envelopes, StepCompensated, step=command.step)
        if not self.done:
            self.record(envelopes, ProcessCompleted, outcome=ProcessOutcome.COMPENSATED)

    def complete(self, command: CompleteProcess, envelopes: EnvelopeSequence) -> None:
        if self.status is ProcessStatus.COMPLETED:
            return
        require_status(self.status, ProcessStatus.RUNNING, ProcessStatus.COMPENSATING)
        self.record(envelopes, ProcessCompleted, outcome=command.outcome)

    def mark_stuck(self, command: MarkStuck, envelopes: EnvelopeSequence) -> None:
        if self.status is ProcessStatus.STUCK:
            return
        require_status(self.status, ProcessStatus.RUNNING, ProcessStatus.COMPENSATING)
        if command.step != self.step:
            message = f"The process is at step {self.step}."
            raise invalid_state(self.status, self.status, because=message)
        self.record(
            envelopes,
            ProcessStuck,
            step=command.step,
            code=command.code,
            attempts=self.attempt,
        )

    def intervene(self, command: Intervene, envelopes: EnvelopeSequence) -> None:
        """SKIP and FORCE only set the process free again: what follows is the story's to say."""
        require_status(self.status, ProcessStatus.STUCK)
        require_note(command.note)
        self.record(envelopes, InterventionApplied, action=command.action, note=command.note)
        match command.action:
            case InterventionAction.RETRY:
                self._request(self.step, envelopes)
            case InterventionAction.COMPENSATE:
                if not self.is_compensating:
                    self._compensate_all("INTERVENTION", envelopes)
            case InterventionAction.SKIP | InterventionAction.FORCE:
                pass

    def evolve(self, event: ProcessEvent) -> None:
        match event:
            case ProcessStarted():
                self.kind = event.kind
                self.order_id = event.order_id
                self.channel_id = event.envelope.channel_id
            case StepRequested():
                self._enter(event.step, event.attempt)
                self.attempts[event.step] = event.attempt
            case StepSucceeded():
                self.status = ProcessStatus.RUNNING
                self.done = (*self.done, event.step)
                self._enter("", 0)
            case StepFailed():
                self.has_failed = True
                self.retry_at = event.retry_at
            case CompensationStarted():
                self.is_compensating = True
                self.status = ProcessStatus.COMPENSATING
                self._enter_next_compensation()
            case StepCompensated():
                self.status = ProcessStatus.COMPENSATING
                self.done = self.done[:-1]
                self._enter_next_compensation()
            case ProcessCompleted():
                self.status = ProcessStatus.COMPLETED
                self.outcome = event.outcome
                self.retry_at = None
            case ProcessStuck():
                self.status = ProcessStatus.STUCK
                self.retry_at = None
            case InterventionApplied():
                self.status = (
                    ProcessStatus.COMPENSATING if self.is_compensating else ProcessStatus.RUNNING
                )
            case _:
                assert_never(event)

    def _is_at(self, step: str) -> bool:
        is_moving = self.status in {ProcessStatus.RUNNING, ProcessStatus.COMPENSATING}
        return is_moving and step == self.step

    def _request(self, step: str, envelopes: EnvelopeSequence) -> None:
        """The next attempt: numbers go on while a step is undone, so that no id returns."""
        attempt = self.attempts.get(step, 0) + 1
        self.record(
            envelopes,
            StepRequested,
            step=step,
            command_id=step_command_id(self.id, step, attempt),
            attempt=attempt,
        )

    def _compensate_all(self, reason: str, envelopes: EnvelopeSequence) -> None:
        self.record(envelopes, CompensationStarted, reason=reason)
        if not self.done:
            self.record(envelopes, ProcessCompleted, outcome=ProcessOutcome.COMPENSATED)

    def _enter(self, step: str, attempt: int) -> None:
        self.step = step
        self.attempt = attempt
        self.has_failed = False
        self.retry_at = None

    def _enter_next_compensation(self) -> None:
        step = self.done[-1] if self.done else ""
        self._enter(step, self.attempts.get(step, 0))
