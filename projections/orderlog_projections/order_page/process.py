"""How each event of an order's process changes its summary on the page."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from orderlog.domain.aggregate import Event
from orderlog.domain.processes.events import (
    CompensationStarted,
    InterventionApplied,
    ProcessCompleted,
    ProcessKind,
    ProcessStarted,
    ProcessStatus,
    ProcessStuck,
    StepCompensated,
    StepFailed,
    StepRequested,
    StepSucceeded,
)
from orderlog_projections.order_page.tables import OrderPage, PageProcess


def started(page: OrderPage, event: ProcessStarted) -> OrderPage:
    """The page shows its placement; other processes about an order are asked for by themselves."""
    if event.kind is not ProcessKind.PLACEMENT:
        return page
    process = PageProcess(event.originator_id, event.kind, ProcessStatus.RUNNING)
    return replace(page, process=process)


def _step_requested(process: PageProcess, event: StepRequested) -> PageProcess:
    """Asked for again after an intervention, a step is no longer stuck."""
    is_stuck = process.status is ProcessStatus.STUCK
    return replace(
        process,
        status=ProcessStatus.RUNNING if is_stuck else process.status,
        step=event.step,
        attempt=event.attempt,
        code=None,
        retry_at=None,
    )


def _step_succeeded(process: PageProcess, event: StepSucceeded) -> PageProcess:
    return replace(process, step=event.step, code=None, retry_at=None)


def _step_failed(process: PageProcess, event: StepFailed) -> PageProcess:
    return replace(
        process,
        step=event.step,
        attempt=event.attempt,
        code=event.code,
        retry_at=event.retry_at,
    )


def _compensation_started(process: PageProcess, event: CompensationStarted) -> PageProcess:
    return replace(process, status=ProcessStatus.COMPENSATING, code=event.reason, retry_at=None)


def _step_compensated(process: PageProcess, event: StepCompensated) -> PageProcess:
    return replace(process, step=event.step)


def _completed(process: PageProcess, event: ProcessCompleted) -> PageProcess:
    return replace(process, status=ProcessStatus.COMPLETED, outcome=event.outcome, retry_at=None)


def _stuck(process: PageProcess, event: ProcessStuck) -> PageProcess:
    return replace(
        process,
        status=ProcessStatus.STUCK,
        step=event.step,
        attempt=event.attempts,
        code=event.code,
        retry_at=None,
    )


def _intervened(process: PageProcess, _: InterventionApplied) -> PageProcess:
    """What follows from the decision comes with the next events."""
    return process


def _on_its_process(
    change: Callable[[PageProcess, Any], PageProcess],
) -> Callable[[OrderPage, Any], OrderPage]:
    def react(page: OrderPage, event: Event) -> OrderPage:
        if page.process is None or page.process.process_id != event.originator_id:
            return page
        return replace(page, process=change(page.process, event))

    return react


_CHANGES: Final[Mapping[type[Event], Callable[[PageProcess, Any], PageProcess]]] = {
    StepRequested: _step_requested,
    StepSucceeded: _step_succeeded,
    StepFailed: _step_failed,
    CompensationStarted: _compensation_started,
    StepCompensated: _step_compensated,
    ProcessCompleted: _completed,
    ProcessStuck: _stuck,
    InterventionApplied: _intervened,
}

REACTIONS: Final[Mapping[type[Event], Callable[[Any, Any], OrderPage]]] = {
    ProcessStarted: started,
    **{event_type: _on_its_process(change) for event_type, change in _CHANGES.items()},
}
