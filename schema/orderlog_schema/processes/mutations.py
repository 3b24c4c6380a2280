"""Told: what an operator decides about a process that is stuck."""

import strawberry
from strawberry import ID

from orderlog.domain.processes.commands import Intervene
from orderlog.domain.processes.events import InterventionAction
from orderlog_schema.commands import Answer, CommandInput, mutation
from orderlog_schema.context import Info
from orderlog_schema.cost import ASKING
from orderlog_schema.fields import asked
from orderlog_schema.permissions import ADMIN
from orderlog_schema.processes.queries import process_of
from orderlog_schema.processes.types import Process
from orderlog_schema.relay import key_of


@strawberry.input(description="Decides about a process that is stuck.")
class InterveneInProcessInput(CommandInput):
    process_id: ID = strawberry.field(description="The process: its global id, or its stream.")
    action: InterventionAction = strawberry.field(description="What is to be done.")
    note: str = strawberry.field(description="Why, for those who ask later.")

    def command(self) -> Intervene:
        process_id = key_of("Process", self.process_id, "processId")
        return Intervene(process_id=process_id, action=self.action, note=self.note)


@strawberry.type
class ProcessAnswer(Answer):
    @asked("The process as it is now; null if nothing was done.", ASKING)
    async def process(self, info: Info) -> Process | None:
        stream_id = self.stream_id
        return None if stream_id is None else await process_of(info.context, stream_id)


@strawberry.type
class ProcessMutations:
    intervene_in_process = mutation(
        InterveneInProcessInput, ProcessAnswer, "Decides about a process that is stuck.", to=ADMIN
    )
