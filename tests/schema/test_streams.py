"""What is watched: history, then live, without a gap or a duplicate, however often it drops."""

import asyncio
import gc
import json
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Final, cast

import pytest
import strawberry
from strawberry.types import ExecutionResult
from websockets.exceptions import ConnectionClosed

from orderlog_schema.context import Context
from orderlog_schema.execution.executor import Answered, Executor
from orderlog_schema.execution.operations import Asked
from orderlog_schema.principals import LOCAL
from orderlog_schema.schema import build_schema
from tests.schema.api import Api, JsonObject

ORDER_EVENTS: Final = """
  subscription Watch($id: ID!, $after: Position) {
    orderEvents(orderId: $id, after: $after) { position type version data }
  }
"""
ORDER_CHANGED: Final = """
  subscription Watch($where: OrderFilter, $after: Position) {
    orderChanged(where: $where, after: $after) {
      position matches order { orderId version lifecycle lines { sku } }
    }
  }
"""
STOCK_CHANGED: Final = """
  subscription Watch($sku: String, $after: Position) {
    stockChanged(sku: $sku, after: $after) { position stockItem { sku onHand } }
  }
"""
SSE: Final = {"accept": "text/event-stream"}
MULTIPART: Final = {"accept": 'multipart/mixed; boundary="graphql"; subscriptionSpec="1.0"'}


async def note(api: Api, order_id: str, count: int) -> None:
    for _ in range(count):
        await api.done("addOrderNote", orderId=order_id, text="ping")


def grows(positions: list[int]) -> bool:
    return all(before < after for before, after in pairwise(positions))


async def test_history_comes_first_and_what_happens_now_follows(any_api: Api) -> None:
    order_id = await any_api.draft()
    async with any_api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id=order_id, after="0")
        past = [(await socket.next())["orderEvents"]["type"] for _ in range(4)]
        assert past[0] == "OrderDrafted"
        await note(any_api, order_id, 1)
        live = (await socket.next())["orderEvents"]
    assert (live["type"], live["version"], live["data"]["text"]) == ("OrderNoteAdded", 5, "ping")


async def test_without_a_position_only_what_is_new_is_told(api: Api) -> None:
    order_id = await api.draft()
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id=order_id)
        while not api.platform.hub.subscriber_count:  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)
        await note(api, order_id, 1)
        assert (await socket.next())["orderEvents"]["type"] == "OrderNoteAdded"


async def test_who_hangs_up_is_forgotten(api: Api) -> None:
    order_id = await api.draft()
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id=order_id, after="0")
        await socket.next()
        assert api.platform.hub.subscriber_count == 1
    async with asyncio.timeout(5):
        while api.platform.hub.subscriber_count:  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


async def test_an_orders_events_survive_a_socket_that_keeps_dropping(any_api: Api) -> None:
    order_id, other = await any_api.draft(), await any_api.draft()
    writing = asyncio.gather(note(any_api, order_id, 40), note(any_api, other, 20))
    seen: list[int] = []
    versions: list[int] = []
    while len(seen) < 44:
        async with any_api.socket() as socket:
            after = str(seen[-1]) if seen else "0"
            await socket.subscribe(ORDER_EVENTS, id=order_id, after=after)
            for _ in range(min(7, 44 - len(seen))):
                event = (await socket.next())["orderEvents"]
                seen.append(int(event["position"]))
                versions.append(event["version"])
    await writing
    assert versions == list(range(1, 45))
    assert grows(seen)


async def test_the_past_is_whole_although_the_read_model_is_behind(api: Api) -> None:
    order_id = await api.draft()
    await api.platform.settled()
    api.platform.projections.stop()
    await note(api, order_id, 2)
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id=order_id, after="0")
        versions = [(await socket.next())["orderEvents"]["version"] for _ in range(6)]
    assert versions == [1, 2, 3, 4, 5, 6]


async def test_payments_and_process_belong_to_an_orders_events(api: Api) -> None:
    await api.stock("TEA", 10)
    order_id = await api.draft()
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id=order_id, after="0")
        await api.done("placeOrder", orderId=order_id)
        types: list[str] = []
        while "ProcessCompleted" not in types:
            types.append((await socket.next())["orderEvents"]["type"])
    assert {"OrderPlaced", "ProcessStarted", "PaymentCaptured", "OrderConfirmed"} < set(types)


async def test_every_change_of_a_list_arrives_although_sockets_drop(any_api: Api) -> None:
    async def work() -> set[str]:
        orders = [await any_api.draft() for _ in range(8)]
        for order_id in orders:
            await note(any_api, order_id, 3)
        return set(orders)

    working = asyncio.create_task(work())
    positions: list[int] = []
    newest: dict[str, int] = {}
    while not working.done() or set(newest.values()) != {7} or len(newest) < 8:
        async with any_api.socket() as socket:
            await socket.subscribe(ORDER_CHANGED, after=str(positions[-1]) if positions else "0")
            for _ in range(3):
                try:
                    change = (await asyncio.wait_for(socket.next(), 1))["orderChanged"]
                except TimeoutError:
                    break
                positions.append(int(change["position"]))
                newest[change["order"]["orderId"]] = change["order"]["version"]
                assert change["order"]["lines"] == [{"sku": "TEA"}]
    assert grows(positions), "the last one received is always where to go on"
    assert newest == dict.fromkeys(await working, 7)


async def test_a_list_is_watched_through_its_filter(api: Api) -> None:
    async with api.socket() as socket:
        await socket.subscribe(ORDER_CHANGED, where={"lifecycle": ["DISCARDED"]}, after="0")
        kept, thrown = await api.draft(), await api.draft()
        await api.done("discardDraft", orderId=thrown)
        await note(api, kept, 1)
        matching: list[JsonObject] = []
        while not matching:
            change = (await socket.next())["orderChanged"]
            matching += [change["order"]] if change["matches"] else []
    assert (matching[0]["orderId"], matching[0]["lifecycle"]) == (thrown, "DISCARDED")


async def test_stock_is_watched_from_a_position_on(any_api: Api) -> None:
    await any_api.stock("TEA", 1)
    await any_api.stock("COFFEE", 1)
    await any_api.platform.settled()
    async with any_api.socket() as socket:
        await socket.subscribe(STOCK_CHANGED, after="0")
        first = (await socket.next())["stockChanged"]
        assert first["stockItem"] == {"sku": "TEA", "onHand": 1}
    async with any_api.socket() as socket:
        await socket.subscribe(STOCK_CHANGED, after=first["position"])
        assert (await socket.next())["stockChanged"]["stockItem"]["sku"] == "COFFEE"
        received = {"sku": "TEA", "warehouseId": "main", "quantity": 4, "reference": "x"}
        await any_api.done("receiveStock", **received)
        changed = (await socket.next())["stockChanged"]["stockItem"]
    assert changed == {"sku": "TEA", "onHand": 5}


@asynccontextmanager
async def streamed(
    api: Api, headers: dict[str, str], query: str, **variables: object
) -> AsyncGenerator[AsyncIterator[str]]:
    """The lines of a streaming answer."""
    body = {"query": query, "variables": variables}
    async with api.http.stream("POST", "/graphql", json=body, headers=headers) as answer:
        assert answer.status_code == 200
        kind = headers["accept"].partition(";")[0]
        assert answer.headers["content-type"].startswith(kind)
        yield answer.aiter_lines()


async def test_an_event_stream_is_numbered_and_goes_on_where_it_was(api: Api) -> None:
    order_id = await api.draft()

    async def read(count: int, after: str, headers: dict[str, str]) -> list[tuple[str, JsonObject]]:
        """`(id, event)` of the next events."""
        found: list[tuple[str, JsonObject]] = []
        number = ""
        async with streamed(api, headers, ORDER_EVENTS, id=order_id, after=after) as lines:
            async for line in lines:
                if line.startswith("id: "):
                    number = line.removeprefix("id: ")
                elif line.startswith("data: {"):
                    event = json.loads(line.removeprefix("data: "))["data"]["orderEvents"]
                    found.append((number, event))
                if len(found) == count:
                    break
        return found

    first = await read(2, "0", SSE)
    await note(api, order_id, 2)
    rest = await read(4, "0", {**SSE, "last-event-id": first[-1][0]})
    assert [event["version"] for _, event in [*first, *rest]] == [1, 2, 3, 4, 5, 6]
    assert [number for number, _ in first] == [event["position"] for _, event in first]


async def test_multipart_streams_too(api: Api) -> None:
    order_id = await api.draft()
    versions: list[int] = []
    async with streamed(api, MULTIPART, ORDER_EVENTS, id=order_id, after="0") as lines:
        async for line in lines:
            if line.startswith("{") and (payload := json.loads(line).get("payload")):
                versions.append(payload["data"]["orderEvents"]["version"])
            if len(versions) == 4:
                break
    assert versions == [1, 2, 3, 4]


async def test_queries_and_mutations_go_over_the_socket_as_well(api: Api) -> None:
    async with api.socket() as socket:
        await socket.subscribe("{ head }")
        assert await socket.next() == {"head": "0"}
        assert (await socket.receive())["type"] == "complete"
        await socket.subscribe(
            'mutation { createDraftOrder(input: {currency: "GBP"}) { errors { code } } }'
        )
        assert await socket.next() == {"createDraftOrder": {"errors": []}}


async def test_a_bad_document_ends_one_operation_and_not_the_socket(api: Api) -> None:
    order_id = await api.draft()
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, "good", id=order_id, after="0")
        for _ in range(4):
            await socket.next()
        for document, code in (
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ):
            await socket.subscribe(document, "bad")
            message = await socket.receive()
            assert (message["id"], message["type"]) == ("bad", "error")
            assert message["payload"][0]["extensions"]["code"] == code
        await note(api, order_id, 1)
        assert (await socket.receive())["id"] == "good"


async def test_an_id_that_is_none_is_an_error_of_the_subscription(api: Api) -> None:
    async with api.socket() as socket:
        await socket.subscribe(ORDER_EVENTS, id="nobody")
        message = await socket.receive()
        errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "message",
    [
        "x",
        "[]",
        "null",
        "{}",
        '{"type": "unknown"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ head }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ head }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ head }", "variables": []}}',
        '{"type": "complete"}',
    ],
)
async def test_a_message_that_is_none_closes_the_socket(api: Api, message: str) -> None:
    async with api.socket() as socket:
        await socket.connection.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.receive()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400


async def until_wrong(results: AsyncGenerator[Answered]) -> JsonObject:
    """Reads on until something is wrong; what the error says for programs."""
    async for result in results:
        if result.errors:
            return dict(result.errors[0].extensions or {})
    return {}


async def test_who_reads_too_slowly_is_told_where_to_go_on(api: Api) -> None:
    order_id = await api.draft()
    results = build_schema().executor.stream(
        Asked(ORDER_EVENTS, {"id": order_id, "after": "0"}, None), api.platform.context_for()
    )
    for _ in range(4):
        await anext(results)
    waiting = asyncio.ensure_future(anext(results))
    await asyncio.sleep(0.05)
    await note(api, order_id, 1)
    last = ((await waiting).data or {})["orderEvents"]["position"]
    await asyncio.gather(*(note(api, order_id, 15) for _ in range(20)))
    told = await until_wrong(results)
    assert told["code"] == "SUBSCRIBER_TOO_SLOW"
    assert int(told["lastPosition"]) >= int(last)


Results = Callable[[strawberry.Schema, str], AsyncIterator[ExecutionResult | Answered]]


async def ours(schema: strawberry.Schema, query: str) -> AsyncIterator[Answered]:
    context = cast("Context", SimpleNamespace(principal=LOCAL))
    async for answered in Executor(schema).stream(Asked(query, {}, None), context):
        yield answered


async def theirs(schema: strawberry.Schema, query: str) -> AsyncIterator[ExecutionResult]:
    async for result in await schema.subscribe(query):
        yield result


async def kept_per_event(results: Results) -> float:
    """Bytes that each event of a long subscription leaves behind."""

    @strawberry.type
    class Tick:
        number: int

    @strawberry.type
    class Query:
        number: int = 1

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def ticks(self) -> AsyncGenerator[Tick]:
            for number in range(1_500):
                yield Tick(number=number)

    schema = strawberry.Schema(Query, subscription=Subscription)
    begun, count = 0, 0
    tracemalloc.start()
    try:
        async for result in results(schema, "subscription { ticks { number } }"):
            assert not result.errors
            count += 1
            if count == 500:
                gc.collect()
                begun, _ = tracemalloc.get_traced_memory()
            if count == 1_500:
                gc.collect()
                ended, _ = tracemalloc.get_traced_memory()
                return (ended - begun) / 1_000
    finally:
        tracemalloc.stop()
    return 0.0


async def test_an_event_leaves_nothing_behind() -> None:
    assert await kept_per_event(ours) < 50
    assert await kept_per_event(theirs) > 300, "the library is mended: our executor can go"
