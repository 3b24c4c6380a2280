"""A command bus on a fresh log of each kind."""

from collections.abc import AsyncIterator, Iterator

import pytest

from orderlog.application.command_bus import CommandBus
from orderlog.eventstore.store import EventStore, open_store


@pytest.fixture
def store(database_url: str) -> Iterator[EventStore]:
    store = open_store(database_url)
    yield store
    store.close()


@pytest.fixture
async def bus(store: EventStore) -> AsyncIterator[CommandBus]:
    bus = CommandBus(store)
    yield bus
    await bus.close()
