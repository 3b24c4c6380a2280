"""What is new is not looked for, what is refused is looked at twice, and too much is too much."""

import asyncio
import sqlite3
from functools import partial
from typing import Any

import pytest

from orderlog.application import deciding
from orderlog.application.command_bus import CommandBus
from orderlog.application.idempotency import IdempotencyKey
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.store import EventStore, open_store
from tests.support.stock import (
    CUP,
    available,
    elsewhere,
    receive,
    refusal_of,
    register,
    send,
    topics,
    write_off,
)


async def test_a_new_thing_is_never_looked_for(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as it is called
            super().__init__(*args, **kwargs)
            self.set_trace_callback(statements.append)

    connect = partial(sqlite3.connect, factory=Traced)
    monkeypatch.setattr(sqlite3, "connect", connect)
    store = open_store(sqlite_url)
    bus = CommandBus(store)
    statements.clear()
    key = IdempotencyKey.of(scope="s", key="k", body=b"")
    await send(bus, register(), receive(1), idempotency=key)
    await bus.close()
    store.close()
    kinds = [statement.split()[0] for statement in statements]
    assert kinds == ["BEGIN", "INSERT", "INSERT", "INSERT", "SELECT", "COMMIT"]


async def test_what_exists_after_all_is_not_created_twice(
    bus: CommandBus, store: EventStore, database_url: str
) -> None:
    await send(bus, register(), receive(5))
    async with elsewhere(database_url) as other:
        again = asyncio.create_task(send(other, register()))
        both = asyncio.create_task(send(other, receive(1, "CUP"), register()))
        new = asyncio.create_task(send(other, register("CUP"), receive(1, "CUP")))
        assert (await refusal_of(again)).code is ErrorCode.ALREADY_EXISTS
        assert (await refusal_of(both)).code in {ErrorCode.ALREADY_EXISTS, ErrorCode.SKU_NOT_FOUND}
        await new
    assert topics(store) == ["StockItemRegistered", "StockReceived"]
    assert topics(store, CUP) == ["StockItemRegistered", "StockReceived"]


async def test_what_has_become_impossible_is_still_answered_as_the_first_time(
    bus: CommandBus, database_url: str
) -> None:
    key = IdempotencyKey.of(scope="s", key="k", body=b"5")
    await send(bus, register(), receive(5))
    first = await send(bus, write_off(5), idempotency=key)
    async with elsewhere(database_url) as other:
        again = await send(other, write_off(5), idempotency=key)
        assert (again.events, again.replayed) == (first.events, True)
        with pytest.raises(Rejected):
            await send(other, write_off(5))


async def test_a_refusal_rests_on_what_others_have_done(postgres_url: str) -> None:
    async with elsewhere(postgres_url) as bus, elsewhere(postgres_url) as other:
        await send(bus, register(), receive(5))
        assert await available(other) == 5
        await send(bus, receive(5))
        assert (await send(other, write_off(8))).events
        await send(bus, receive(8))
        assert await available(other) == 10


# --- limits ---


@pytest.mark.parametrize(
    ("name", "limit"),
    [("EVENTS_PER_COMMAND_MAX", 0), ("EVENT_BYTES_MAX", 50), ("STREAM_EVENTS_MAX", 2)],
)
async def test_what_is_too_much_is_refused_and_leaves_nothing_behind(
    bus: CommandBus, store: EventStore, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    await send(bus, register(), receive(5))
    with monkeypatch.context() as limits:
        limits.setattr(deciding, name, limit)
        with pytest.raises(Rejected, match=f"at most {limit}") as refusal:
            await send(bus, receive(1))
    assert refusal.value.code is ErrorCode.INVALID_VALUE
    assert refusal.value.details == {"max": limit}
    await send(bus, receive(2))
    assert await available(bus) == 7
    assert len(topics(store)) == 3


async def test_who_comes_after_the_end_is_told(store: EventStore) -> None:
    bus = CommandBus(store)
    await bus.close()
    with pytest.raises(StoreUnavailable, match="stopping"):
        await send(bus, register())
