"""A process manager's record of itself, as it is shown: folded from its stream."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

import strawberry
from strawberry import ID

from orderlog.consumers.event_log import RecordedEvent
from orderlog.domain.processes.events import (
    CompensationStarted,
    InterventionAction,
    ProcessCompleted,
    ProcessKind,
    ProcessOutcome,
    ProcessStatus,
    ProcessStuck,
    StepCompensated,
    StepFailed,
    StepRequested,
    StepSucceeded,
)
from orderlog.domain.processes.process import Process as ProcessRecord
from orderlog_schema.cost import listed
from orderlog_schema.events.types import DomainEvent
from orderlog_schema.permissions import STAFF
from orderlog_schema.relay import Node, global_id
from orderlog_schema.scalars import Position, describe_enum

describe_enum(
    ProcessKind,
    "Which story a process tells.",
    {
        "PLACEMENT": "From a placed order to a confirmed one: stock and money.",
        "REFUND": "Money that is given back for what was cancelled or returned.",
    },
)
describe_enum(
    ProcessStatus,
    "Where a process is.",
    {
        "RUNNING": "It goes through its steps.",
        "COMPENSATING": "It undoes what it did, in reverse.",
        "STUCK": "A step has used up its retries: an operator decides.",
        "COMPLETED": "It is over.",
    },
)
describe_enum(
    ProcessOutcome,
    "How a process ended.",
    {"SUCCEEDED": "Every step was done.", "COMPENSATED": "What was done was undone."},
)
describe_enum(
    InterventionAction,
    "What an operator decides about a stuck process.",
    {
        "RETRY": "Try the step again.",
        "SKIP": "Go on as if the step were done.",
        "COMPENSATE": "Undo what was done.",
        "FORCE": "Count the step as done, whatever it says.",
    },
)


class StepStatus(StrEnum):
    REQUESTED = "REQUESTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    COMPENSATED = "COMPENSATED"


describe_enum(
    StepStatus,
    "Where one step of a process is.",
    {
        "REQUESTED": "It was asked for and has not answered yet.",
        "SUCCEEDED": "It is done.",
        "FAILED": "It failed, and may be tried again.",
        "COMPENSATED": "It was done, and undone.",
    },
)


@strawberry.type(description="A step of a process.", directives=[STAFF])
class ProcessStep:
    name: str = strawberry.field(description="What is done.")
    status: StepStatus = strawberry.field(description="Where it is.")
    attempts: int = strawberry.field(description="How often it was tried.")
    code: str | None = strawberry.field(description="Why the last attempt failed.")
    retry_at: datetime | None = strawberry.field(description="When it will be tried again.")


@strawberry.type(description="A process manager at work for an order.", directives=[STAFF])
class Process(Node):
    process_id: ID = strawberry.field(description="Its stream in the log.")
    kind: ProcessKind = strawberry.field(description="Which story it tells.")
    order_id: ID = strawberry.field(description="The UUID of the order that it works for.")
    status: ProcessStatus = strawberry.field(description="Where it is.")
    outcome: ProcessOutcome | None = strawberry.field(description="How it ended.")
    step: str | None = strawberry.field(description="The step that it is at.")
    attempts: int = strawberry.field(description="How often this step was tried.")
    reason: str | None = strawberry.field(description="Why it undoes what it did.")
    started_at: datetime = strawberry.field(description="When it began.")
    completed_at: datetime | None = strawberry.field(description="When it was over.")
    steps: list[ProcessStep] = strawberry.field(
        description="Its steps, in the order in which they were first asked for.",
        directives=[listed(10)],
    )
    history: list[DomainEvent] = strawberry.field(
        description="All that it wrote down, in order; a few dozen events at most.",
        directives=[listed(20)],
    )
    version: int = strawberry.field(description="The version of its stream.")
    position: Position = strawberry.field(description="The position of its last event.")

    @classmethod
    def of(cls, events: Sequence[RecordedEvent], record: ProcessRecord) -> Self:
        """Of all events of its stream, at least one, and what these add up to."""
        first, last = events[0].event, events[-1]
        times = {type(one.event): one.event.envelope.occurred_at for one in events}
        return cls(
            id=global_id("Process", record.id),
            process_id=ID(record.id),
            kind=record.kind,
            order_id=ID(record.order_id),
            status=record.status,
            outcome=record.outcome,
            step=record.step or None,
            attempts=record.attempt,
            reason=reason_of(events),
            started_at=first.envelope.occurred_at,
            completed_at=times.get(ProcessCompleted),
            steps=steps_of(events),
            history=[DomainEvent.of(event) for event in events],
            version=record.version,
            position=Position(last.position),
        )


def reason_of(events: Sequence[RecordedEvent]) -> str | None:
    reasons = [e.event.reason for e in events if isinstance(e.event, CompensationStarted)]
    return reasons[-1] if reasons else None


def steps_of(events: Sequence[RecordedEvent]) -> list[ProcessStep]:
    """Each step as the events leave it."""
    steps: dict[str, ProcessStep] = {}
    for recorded in events:
        match recorded.event:
            case StepRequested(step=name, attempt=attempt):
                steps[name] = ProcessStep(
                    name=name,
                    status=StepStatus.REQUESTED,
                    attempts=attempt,
                    code=None,
                    retry_at=None,
                )
            case StepSucceeded(step=name):
                steps[name].status = StepStatus.SUCCEEDED
            case StepCompensated(step=name):
                steps[name].status = StepStatus.COMPENSATED
            case StepFailed(step=name, code=code, retry_at=retry_at):
                steps[name].status = StepStatus.FAILED
                steps[name].code, steps[name].retry_at = code, retry_at
            case ProcessStuck(step=name, code=code):
                steps[name].status = StepStatus.FAILED
                steps[name].code, steps[name].retry_at = code, None
            case _:
                pass
    return list(steps.values())
