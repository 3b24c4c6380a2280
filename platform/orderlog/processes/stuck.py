"""Trouble that nobody loses: what cannot go on becomes a process that an operator sees."""

from typing import Final

from orderlog.application.command_bus import CommandBus
from orderlog.domain.aggregate import Event
from orderlog.domain.processes.commands import (
    MarkStuck,
    StartProcess,
    placement_stream,
    refund_stream,
)
from orderlog.domain.processes.events import ProcessKind, ProcessStatus
from orderlog.domain.processes.process import step_command_id
from orderlog.processes.story import metadata_of
from orderlog.processes.views import process_view

GIVE_BACK: Final = "give-back"  # the step of what follows an event of the order
REFUND: Final = "refund"  # the step of one refund that failed


async def leave_stuck(bus: CommandBus, order_id: str, cause: Event, code: str) -> None:
    """Marks the placement of the order, or a record of its own where that is over already."""
    process_id = placement_stream(order_id)
    record = await bus.inspect(process_id, process_view)
    if record is not None and record.is_moving:
        await bus.execute(
            MarkStuck(process_id=process_id, step=record.step, code=code),
            metadata=metadata_of(
                cause, step_command_id(process_id, f"{record.step}/stuck", record.attempt)
            ),
        )
    elif record is None or record.status is ProcessStatus.COMPLETED:
        await open_stuck(bus, cause.envelope.event_id, order_id, GIVE_BACK, cause, code)


async def open_stuck(
    bus: CommandBus, subject_id: str, order_id: str, step: str, cause: Event, code: str
) -> None:
    """A record that is opened only because it needs somebody."""
    process_id = refund_stream(order_id, subject_id)
    await bus.execute(
        StartProcess(
            process_id=process_id, kind=ProcessKind.REFUND, order_id=order_id, first_step=step
        ),
        MarkStuck(process_id=process_id, step=step, code=code),
        metadata=metadata_of(cause, step_command_id(process_id, "stuck", cause.originator_version)),
    )
