"""The one visible place where the parts are put together, started and stopped."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

from orderlog.application.channels import Channels
from orderlog.application.command_bus import CommandBus
from orderlog.application.order_numbers import OrderNumbers
from orderlog.application.personal_data import PersonalData
from orderlog.application.warehouses import Warehouses
from orderlog.consumers.event_log import EventLog
from orderlog.consumers.live import Hub
from orderlog.consumers.tail import Tail
from orderlog.eventstore.changes import Watch
from orderlog.eventstore.seats import seat_of
from orderlog.eventstore.store import EventStore, open_store
from orderlog.eventstore.urls import SqliteLocation
from orderlog.gateways.registry import Gateways
from orderlog.gateways.sandbox import SANDBOX, SandboxGateway
from orderlog.processes.runner import ProcessRunner
from orderlog.processes.stories import ProcessTerms, all_stories
from orderlog_projections.database import ReadDatabase
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.remote import Follower, Herald
from orderlog_projections.runner import ProjectionRunner
from orderlog_schema.budgets import Budgets
from orderlog_schema.context import Context, ReadModels
from orderlog_schema.principals import LOCAL, Principal
from orderlog_server.channel_settings import channels_of
from orderlog_server.duties import ALL_DUTIES, Duties, performing
from orderlog_server.observability.metrics import Metrics
from orderlog_server.ownership import owned
from orderlog_server.settings import Settings

SETTLING_SECONDS_MAX: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Every part of one running process, by name."""

    settings: Settings
    store: EventStore
    log: EventLog
    bus: CommandBus
    channels: Channels
    warehouses: Warehouses
    order_numbers: OrderNumbers
    personal_data: PersonalData
    hub: Hub
    database: ReadDatabase
    projections: ProjectionRunner
    read_models: ReadModels
    gateways: Gateways
    processes: ProcessRunner
    metrics: Metrics
    budgets: Budgets

    def context_for(self, principal: Principal = LOCAL) -> Context:
        """What resolvers get for one request or connection."""
        return Context(
            bus=self.bus,
            channels=self.channels,
            warehouses=self.warehouses,
            order_numbers=self.order_numbers,
            personal_data=self.personal_data,
            log=self.log,
            hub=self.hub,
            read_models=self.read_models,
            principal=principal,
            budgets=self.budgets,
        )

    async def settled(self) -> None:
        """Returns when processes and read models have handled the log up to its end.

        What waits for a deadline waits on. Raises what the processes stopped for, and
        `TimeoutError` where a read model has stopped.
        """
        await self.processes.settled()
        head = await asyncio.to_thread(self.store.head)
        if not await self.read_models.wait(head, SETTLING_SECONDS_MAX):
            message = f"The read models did not reach position {head}."
            raise TimeoutError(message)


@asynccontextmanager
async def running(
    settings: Settings,
    duties: Duties = ALL_DUTIES,
    *,
    with_live: bool = True,
    is_prepared: bool = False,
) -> AsyncGenerator[Platform]:
    """The platform in motion. Raises `StoreUnavailable`, `StoreMisconfigured`.

    Of the duties it does those that no other process owns. Without `with_live` the hub hears
    nothing: for work that nobody watches in this process. Where all `is_prepared`, no table is
    looked for.
    Parts stop in the reverse order of their start: nothing that is still needed stops first.
    """
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        store = open_store(settings.database_url, is_prepared=is_prepared)
        stack.callback(store.close)
        stack.enter_context(owned(store.location))
        database = open_read_models(store.location, is_prepared=is_prepared)
        stack.callback(database.close)
        projections = ProjectionRunner(store, database, PROJECTIONS)
        bus = CommandBus(store, metrics.committed)
        stack.push_async_callback(bus.close)
        gateways = Gateways({SANDBOX: SandboxGateway()})
        terms = ProcessTerms(warehouse_id=settings.warehouse_id)
        working = bus.under(lambda: processes.claim)
        processes = ProcessRunner(store, all_stories(store, working, gateways, terms))
        hub = Hub(store, store.head())
        if with_live or not isinstance(store.location, SqliteLocation):
            watch = Tail(store, [hub.publish], hub.position) if with_live else Watch(store)
            watch.start()
            stack.push_async_callback(asyncio.to_thread, watch.stop)
        follower = stack.enter_context(told_between_processes(database, projections))
        seat = seat_of(store, settings.owner_silent_seconds_max)
        await stack.enter_async_context(performing(duties, seat, projections, processes, follower))
        yield Platform(
            settings=settings,
            store=store,
            log=EventLog(store),
            bus=bus,
            channels=channels_of(settings.channels),
            warehouses=Warehouses(settings.warehouse_id, settings.other_warehouse_ids),
            order_numbers=OrderNumbers(store),
            personal_data=PersonalData(store),
            hub=hub,
            database=database,
            projections=projections,
            read_models=ReadModels(database, projections),
            gateways=gateways,
            processes=processes,
            metrics=metrics,
            budgets=Budgets(settings.cost_points_per_second, settings.local_cost_points_per_second),
        )


@contextmanager
def told_between_processes(
    database: ReadDatabase, projections: ProjectionRunner
) -> Generator[Follower | None]:
    """Read models that another process keeps count as much as ours; on SQLite there is none."""
    if isinstance(database.location, SqliteLocation):
        yield None
        return
    consistency = projections.consistency
    follower = Follower(database, PROJECTIONS, consistency, projections.keeps)
    herald = Herald(database, PROJECTIONS)
    consistency.herald = herald.tell
    follower.start()
    try:
        yield follower
    finally:
        follower.stop()
        herald.close()
