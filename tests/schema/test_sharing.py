"""Those who watch the same share one execution; what each is told stays its own."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Final, NamedTuple

import pytest
import strawberry
from strawberry import UNSET
from strawberry.schema.config import StrawberryConfig

from orderlog.consumers.following import SubscriberTooSlow, follow
from orderlog_schema.arguments import ResumePosition
from orderlog_schema.context import Context, Info
from orderlog_schema.execution.executor import Executor
from orderlog_schema.execution.members import Told
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.sharing import Streams
from orderlog_schema.given import given
from orderlog_schema.limits import QUEUED_MAX
from orderlog_schema.principals import LOCAL, Role
from orderlog_schema.scalars import SCALARS, Position
from orderlog_schema.schema import build_schema
from tests.schema.api import Api, JsonObject
from tests.schema.test_streams import ORDER_EVENTS, note

TICKS: Final = "subscription Ticks($after: Position) { ticks(after: $after) { position } }"
OTHER_TICKS: Final = "subscription { ticks { position executions } }"
PATIENCE_SECONDS: Final = 20


class Number(NamedTuple):
    position: int


class Clock:
    """A source whose log is the numbers from 1 on; it ticks, and breaks, when told to."""

    def __init__(self) -> None:
        self.position = 0
        self.executions = 0
        self._ears: set[Ear] = set()

    @property
    def newest(self) -> int:
        return self.position

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.position += 1
            for ear in self._ears:
                ear.heard.put_nowait(Number(self.position))

    def fail(self, error: Exception) -> None:
        for ear in self._ears:
            ear.heard.put_nowait(error)

    @asynccontextmanager
    async def listen(self) -> AsyncGenerator["Ear"]:
        ear = Ear(self.position)
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    async def past(self, after: int, until: int) -> AsyncGenerator[Number]:
        for position in range(after + 1, until + 1):
            yield Number(position)


class Ear:
    def __init__(self, position: int) -> None:
        self.position = position
        self.heard: asyncio.Queue[Number | Exception] = asyncio.Queue()

    @property
    def has_more(self) -> bool:
        return not self.heard.empty()

    async def items(self) -> AsyncGenerator[Number]:
        while True:
            match await self.heard.get():
                case Number() as number:
                    yield number
                case error:
                    raise error


def ticking(clock: Clock) -> Streams:
    """What is watched here: a clock, and how often somebody looked at it."""

    @strawberry.type
    class Tick:
        position: Position

        @strawberry.field
        def executions(self) -> int:
            clock.executions += 1
            return clock.executions

    @strawberry.type
    class Query:
        number: int = 1

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def ticks(self, info: Info, after: ResumePosition = UNSET) -> AsyncGenerator[Tick]:
            async with aclosing(follow(clock, given(after), info.context.reading)) as numbers:
                async for number in numbers:
                    yield Tick(position=Position(number.position))

    config = StrawberryConfig(scalar_map=SCALARS)
    schema = strawberry.Schema(Query, subscription=Subscription, config=config)
    return Streams(Executor(schema))


class Watcher:
    """One who watches, and keeps what it is told."""

    def __init__(self, streams: Streams, context: Context, query: str, **variables: object) -> None:
        stream = streams.watch(Asked(query, variables, None), context)
        assert stream is not None
        self._stream = stream
        self._told: list[Told] = []
        self.responses: list[JsonObject] = []

    async def read(self, count: int) -> list[JsonObject]:
        """The next responses; fewer where the stream ends."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self._told) < count:
                try:
                    self._told.extend(await anext(self._stream))
                except StopAsyncIteration:
                    break
        read, self._told = self._told[:count], self._told[count:]
        return [json.loads(told.body) for told in read]

    async def positions(self, count: int) -> list[int]:
        responses = await self.read(count)
        return [int(next(iter(one["data"].values()))["position"]) for one in responses]

    async def leave(self) -> None:
        await self._stream.aclose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def streams(clock: Clock) -> Streams:
    return ticking(clock)


async def reading(*watchers: Watcher) -> list["asyncio.Task[list[JsonObject]]"]:
    """All of them wait for their next response."""
    tasks = [asyncio.create_task(watcher.read(1)) for watcher in watchers]
    await asyncio.sleep(0.1)
    return tasks


async def test_the_same_is_executed_once_for_all(api: Api, clock: Clock, streams: Streams) -> None:
    context = api.platform.context_for()
    watchers = [Watcher(streams, context, OTHER_TICKS) for _ in range(50)]
    tasks = await reading(*watchers)
    clock.tick()
    told = [await task for task in tasks]
    assert streams.group_count == 1
    assert clock.executions == 1
    assert told == [[{"data": {"ticks": {"position": "1", "executions": 1}}}]] * 50


async def test_other_variables_and_other_rights_do_not_share(api: Api) -> None:
    context = api.platform.context_for()
    other = replace(context, principal=replace(LOCAL, roles=frozenset({Role.VIEWER})))
    first, second = await api.draft(), await api.draft()
    streams = Streams(build_schema().executor)
    everybody = [
        Watcher(streams, who, ORDER_EVENTS, id=order_id, after=after)
        for who in (context, other)
        for order_id in (first, second)
        for after in ("0", "2", None)
    ]
    for watcher in everybody:
        if watcher not in everybody[2::3]:
            await watcher.read(1)
    assert streams.group_count == 4, "where somebody goes on makes no difference"
    for watcher in everybody:
        await watcher.leave()
    assert streams.group_count == 0


async def test_whoever_joins_is_told_its_own_past_first(
    api: Api, clock: Clock, streams: Streams
) -> None:
    context = api.platform.context_for()
    clock.tick(5)
    early = Watcher(streams, context, TICKS, after="3")
    assert await early.positions(2) == [4, 5]
    (waiting,) = await reading(early)
    late = Watcher(streams, context, TICKS, after="0")
    clock.tick(2)
    assert await late.positions(7) == [1, 2, 3, 4, 5, 6, 7]
    assert len(await waiting) == 1
    assert streams.group_count == 1
    await late.leave()
    clock.tick()
    assert await early.positions(2) == [7, 8], "one that leaves takes nobody with it"


async def test_who_waits_too_long_is_told_where_to_go_on_and_nobody_else_waits(
    api: Api, clock: Clock, streams: Streams
) -> None:
    context = api.platform.context_for()
    slow, quick = (Watcher(streams, context, TICKS, after="0") for _ in range(2))
    clock.tick()
    assert await slow.positions(1) == await quick.positions(1) == [1]
    await reading(slow)
    for _ in range(QUEUED_MAX + 50):
        clock.tick()
        await quick.read(1)
    told = await slow.read(QUEUED_MAX + 50)
    last = int(told[-2]["data"]["ticks"]["position"])
    (error,) = told[-1]["errors"]
    assert error["extensions"] == {"code": "SUBSCRIBER_TOO_SLOW", "lastPosition": str(last)}
    again = Watcher(streams, context, TICKS, after=str(last))
    assert await again.positions(1) == [last + 1]


async def test_a_group_that_falls_behind_goes_back_to_the_log(
    api: Api, clock: Clock, streams: Streams
) -> None:
    context = api.platform.context_for()
    watcher = Watcher(streams, context, TICKS, after="0")
    clock.tick()
    assert await watcher.positions(1) == [1]
    waiting = await reading(watcher)
    clock.fail(SubscriberTooSlow(1))
    clock.tick(3)
    await asyncio.sleep(0.05)
    clock.tick()
    assert len(await waiting[0]) == 1
    assert await watcher.positions(3) == [3, 4, 5]


async def test_a_source_that_fails_fails_for_all_and_can_be_asked_again(
    api: Api, clock: Clock, streams: Streams
) -> None:
    context = api.platform.context_for()
    watchers = [Watcher(streams, context, TICKS) for _ in range(3)]
    tasks = await reading(*watchers)
    clock.fail(RuntimeError("the spring is broken"))
    for task, watcher in zip(tasks, watchers, strict=True):
        (told,) = await task
        assert told["data"] is None
        assert len(told["errors"]) == 1
        assert await watcher.read(1) == [], "and that was all"
    (waiting,) = await reading(Watcher(streams, context, TICKS))
    clock.tick()
    assert await waiting == [{"data": {"ticks": {"position": "1"}}}]


async def test_what_is_refused_is_refused_to_whom_it_concerns(
    api: Api, clock: Clock, streams: Streams
) -> None:
    context = api.platform.context_for()
    clock.tick()
    good = Watcher(streams, context, TICKS, after="0")
    bad = Watcher(streams, context, TICKS, after="yesterday")
    (told,) = await bad.read(1)
    assert "data" not in told
    assert "yesterday" in told["errors"][0]["message"]
    assert await good.positions(1) == [1]


async def follow_with_drops(
    streams: Streams, context: Context, query: str, last: int, seed: int, **variables: object
) -> list[int]:
    """The positions up to the last one, by somebody who hangs up again and again."""
    dice, seen = random.Random(seed), list[int]()
    while not seen or seen[-1] < last:
        after = str(seen[-1]) if seen else "0"
        watcher = Watcher(streams, context, query, after=after, **variables)
        try:
            for _ in range(dice.randint(1, 9)):
                seen += await watcher.positions(1)
                if seen[-1] >= last:
                    break
        finally:
            await watcher.leave()
    return seen


async def test_whoever_drops_wherever_sees_exactly_the_log(any_api: Api) -> None:
    order_id, other = await any_api.draft(), await any_api.draft()
    streams, context = Streams(build_schema().executor), any_api.platform.context_for()
    last = any_api.platform.store.head() + 60
    watching_all = [
        asyncio.create_task(
            follow_with_drops(streams, context, ORDER_EVENTS, last, seed, id=order_id)
        )
        for seed in range(12)
    ]
    for _ in range(30):
        await note(any_api, other, 1)
        await note(any_api, order_id, 1)
    seen = [await task for task in watching_all]
    recorded = any_api.platform.store.page(0)
    stream = f"order-{order_id}"
    assert seen[0] == [one.position for one in recorded if one.event.originator_id == stream]
    assert all(one == seen[0] for one in seen)
    assert streams.group_count == 0


async def test_an_order_that_leaves_a_filter_is_told(any_api: Api) -> None:
    streams, context = Streams(build_schema().executor), any_api.platform.context_for()
    document = """
      subscription Watch($where: OrderFilter, $after: Position) {
        orderChanged(where: $where, after: $after) { position matches order { orderId } }
      }
    """
    where = {"lifecycle": ["DRAFT"], "currency": "GBP"}
    order_id = await any_api.draft()
    await any_api.draft(currency="EUR", lines=None, shippingMethod=None)
    await any_api.platform.settled()
    watcher = Watcher(streams, context, document, where=where, after="0")
    (shown,) = await watcher.read(1)
    assert shown["data"]["orderChanged"]["order"]["orderId"] == order_id
    (waiting,) = await reading(watcher)
    await any_api.done("discardDraft", orderId=order_id)
    (left,) = await waiting
    change = left["data"]["orderChanged"]
    assert (change["order"]["orderId"], change["matches"]) == (order_id, False)
    after = shown["data"]["orderChanged"]["position"]
    (again,) = await Watcher(streams, context, document, where=where, after=after).read(1)
    assert again == left, "whoever was away when it left is told as well"
    anew = Watcher(streams, context, document, where=where, after="0")
    (waiting,) = await reading(anew)
    assert not waiting.done(), "whoever begins anew has nothing that could have left"
    waiting.cancel()
