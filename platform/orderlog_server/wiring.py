"""The one visible place where the parts are put together, started and stopped."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from orderlog.application.channels import Channels
from orderlog.application.command_bus import CommandBus
from orderlog.application.order_numbers import OrderNumbers
from orderlog.application.personal_data import PersonalData
from orderlog.consumers.event_log import EventLog
from orderlog.consumers.live import Hub
from orderlog.consumers.tail import Tail
from orderlog.eventstore.store import EventStore, open_store
from orderlog_server.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """Every part of one running process, by name."""

    settings: Settings
    store: EventStore
    log: EventLog
    bus: CommandBus
    channels: Channels
    order_numbers: OrderNumbers
    personal_data: PersonalData
    hub: Hub

    async def settled(self) -> None:
        """Returns when processes and read models have handled the log up to its end."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Platform]:
    """The platform in motion. Raises `StoreUnavailable`, `StoreMisconfigured`.

    Parts stop in the reverse order of their start: nothing that is still needed stops first.
    """
    async with AsyncExitStack() as stack:
        store = open_store(settings.database_url)
        stack.callback(store.close)
        bus = CommandBus(store)
        stack.push_async_callback(bus.close)
        hub = Hub(store, store.head())
        tail = Tail(store, [hub.publish], hub.position)
        tail.start()
        stack.callback(tail.stop)
        yield Platform(
            settings=settings,
            store=store,
            log=EventLog(store),
            bus=bus,
            channels=Channels(),
            order_numbers=OrderNumbers(store),
            personal_data=PersonalData(store),
            hub=hub,
        )
