"""What every process manager writes down about itself, whatever its story.

A process is stuck when a step has used up its retries; nothing is dropped, an operator decides.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from orderlog.domain.aggregate import Created, Event


class ProcessKind(StrEnum):
    PLACEMENT = "PLACEMENT"
    REFUND = "REFUND"


class ProcessStatus(StrEnum):
    RUNNING = "RUNNING"
    COMPENSATING = "COMPENSATING"
    STUCK = "STUCK"
    COMPLETED = "COMPLETED"


class ProcessOutcome(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    COMPENSATED = "COMPENSATED"


class InterventionAction(StrEnum):
    RETRY = "RETRY"
    SKIP = "SKIP"
    COMPENSATE = "COMPENSATE"
    FORCE = "FORCE"


class ProcessStarted(Created, frozen=True, kw_only=True):
    TOPIC = "ProcessStarted"
    kind: ProcessKind
    order_id: str


class StepRequested(Event, frozen=True, kw_only=True):
    """`command_id` is derived from process, step and attempt: sent twice, it acts once."""

    TOPIC = "StepRequested"
    step: str
    command_id: str
    attempt: int


class StepSucceeded(Event, frozen=True, kw_only=True):
    TOPIC = "StepSucceeded"
    step: str


class StepFailed(Event, frozen=True, kw_only=True):
    """`retry_at` is set where the step will be tried again."""

    TOPIC = "StepFailed"
    step: str
    code: str
    retryable: bool
    attempt: int
    retry_at: datetime | None = None


class CompensationStarted(Event, frozen=True, kw_only=True):
    TOPIC = "CompensationStarted"
    reason: str


class StepCompensated(Event, frozen=True, kw_only=True):
    TOPIC = "StepCompensated"
    step: str


class ProcessCompleted(Event, frozen=True, kw_only=True):
    TOPIC = "ProcessCompleted"
    outcome: ProcessOutcome


class ProcessStuck(Event, frozen=True, kw_only=True):
    TOPIC = "ProcessStuck"
    step: str
    code: str
    attempts: int


class InterventionApplied(Event, frozen=True, kw_only=True):
    TOPIC = "InterventionApplied"
    action: InterventionAction
    note: str


ProcessEvent: TypeAlias = (
    ProcessStarted
    | StepRequested
    | StepSucceeded
    | StepFailed
    | CompensationStarted
    | StepCompensated
    | ProcessCompleted
    | ProcessStuck
    | InterventionApplied
)
