"""What a process manager tells its own record. `process_id` is the stream itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from orderlog.domain.processes.events import InterventionAction, ProcessKind, ProcessOutcome

_ORDER_ID_LENGTH: Final = 36


def placement_stream(order_id: str) -> str:
    return f"process-placement-{order_id}"


def refund_stream(order_id: str, subject_id: str) -> str:
    """One process for each event that gives back, and for each refund that failed."""
    return f"process-refund-{order_id}-{subject_id}"


def parse_process_stream(stream_id: str) -> tuple[str, str]:
    """`(order_id, subject_id)` of any process; a placement has no subject but its order."""
    _, _, ids = stream_id.split("-", 2)
    return ids[:_ORDER_ID_LENGTH], ids[_ORDER_ID_LENGTH + 1 :]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToProcess:
    process_id: str

    @property
    def stream_id(self) -> str:
        return self.process_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProcess(_ToProcess):
    """Starts with its first step requested. Started already: no event."""

    kind: ProcessKind
    order_id: str
    first_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SucceedStep(_ToProcess):
    """The step that was requested is done; `next_step` is requested, or the process is over.

    Done already: no event.
    """

    step: str
    next_step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailStep(_ToProcess):
    """`retry_at` where it will be tried again; otherwise compensation or an operator follows."""

    step: str
    code: str
    retryable: bool
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryStep(_ToProcess):
    """The time of a retry has come: the step is requested again."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCompensation(_ToProcess):
    """Undoes, in reverse order, only what this process itself recorded as done."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompensateStep(_ToProcess):
    """The compensation of a step is done. With nothing left to undo, the process is over."""

    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteProcess(_ToProcess):
    outcome: ProcessOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkStuck(_ToProcess):
    step: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervene(_ToProcess):
    """An operator's decision about a stuck process, with the reason for it."""

    action: InterventionAction
    note: str


ProcessCommand: TypeAlias = (
    StartProcess
    | SucceedStep
    | FailStep
    | RetryStep
    | StartCompensation
    | CompensateStep
    | CompleteProcess
    | MarkStuck
    | Intervene
)
