"""Streams over HTTP, from real sockets that are cut: nothing is missed, nothing comes twice."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import pytest
import pytest_asyncio

from tests.schema.api import Api, JsonObject, serving
from tests.schema.test_streams import ORDER_EVENTS, note

EVENTS: Final = "text/event-stream"
PARTS: Final = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json"
EVERY_EVENT: Final = """
  subscription Notes($id: ID!) { orderEvents(orderId: $id) { version } }
"""
PATIENCE_SECONDS: Final = 60


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Api]:
    folder = tmp_path_factory.mktemp("streams")
    async with serving(f"sqlite:///{folder}/orderlog.db", stream_heartbeat_seconds=0.2) as api:
        yield api


@dataclass
class Stream:
    """The bytes of an answer that goes on, without their chunks."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str
    _text: bytes = field(default=b"", init=False)

    async def until(self, mark: bytes) -> bytes:
        """What comes before the next mark."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while mark not in self._text:
                chunk = await self._chunk()
                assert chunk, f"it ended with {self._text!r}"
                self._text += chunk
        found, _, self._text = self._text.partition(mark)
        return found

    async def ended(self) -> bytes:
        """The rest of it, up to the chunk that says that it is complete."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while chunk := await self._chunk():
                self._text += chunk
        return self._text

    async def _chunk(self) -> bytes:
        size = int(await self.reader.readuntil(b"\r\n"), 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    def cut(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def streaming(
    api: Api, accept: str, query: str, last: str = "", **variables: object
) -> AsyncGenerator[Stream]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    async with opened(api, "POST /graphql", accept, last, headers, body) as stream:
        yield stream


@asynccontextmanager
async def opened(
    api: Api, what: str, accept: str, last: str, headers: dict[str, str], body: bytes
) -> AsyncGenerator[Stream]:
    address = urlsplit(api.url)
    sent = {"host": "localhost", "accept": accept, **headers}
    if last:
        sent["last-event-id"] = last
    lines = [f"{what} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write("\r\n".join(lines).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        yield Stream(reader, writer, head)
    finally:
        writer.close()


@dataclass
class Event:
    """Of an event stream, as a browser takes it apart."""

    id: str
    type: str
    response: JsonObject


async def next_event(stream: Stream) -> Event:
    while True:
        lines = (await stream.until(b"\n\n")).decode().split("\n")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        if "event" in fields:
            response = json.loads(fields.get("data", "null"))
            return Event(fields.get("id", ""), fields["event"], response)


async def next_payload(stream: Stream) -> JsonObject:
    """Of the next part that is no heartbeat."""
    while True:
        part = await stream.until(b"\r\n--graphql")
        headers, _, content = part.partition(b"\r\n\r\n")
        if headers:
            assert headers.strip() == b"content-type: application/json"
            if told := json.loads(content):
                payload: JsonObject = told["payload"]
                return payload


def version_in(response: JsonObject) -> int:
    version: int = response["data"]["orderEvents"]["version"]
    return version


async def test_an_event_stream_that_is_cut_goes_on_after_what_came_last(api: Api) -> None:
    order_id = await api.draft()
    seen: list[int] = []
    last = ""
    noting = asyncio.create_task(note(api, order_id, 20))
    while len(seen) < 24:
        async with streaming(api, EVENTS, ORDER_EVENTS, last, id=order_id, after="0") as stream:
            for _ in range(min(5, 24 - len(seen))):
                event = await next_event(stream)
                assert event.id == event.response["data"]["orderEvents"]["position"]
                seen.append(version_in(event.response))
                last = event.id
            stream.cut()
    await noting
    assert seen == list(range(1, 25))


async def listening(api: Api) -> None:
    """Returns when somebody hears what is new."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not api.platform.hub.subscriber_count:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def test_it_goes_on_whatever_its_document_says_of_a_position(api: Api) -> None:
    order_id = await api.draft()
    async with streaming(api, EVENTS, EVERY_EVENT, id=order_id) as stream:
        await listening(api)
        await note(api, order_id, 1)
        event = await next_event(stream)
        assert version_in(event.response) == 5
        stream.cut()
    await note(api, order_id, 2)
    literal = EVERY_EVENT.replace("$id)", '$id, after: "0")')
    for document in (EVERY_EVENT, literal):
        async with streaming(api, EVENTS, document, event.id, id=order_id) as stream:
            assert [version_in((await next_event(stream)).response) for _ in range(2)] == [6, 7]


@pytest.mark.parametrize("last", ["x", "-1", "9" * 400, "1.5"])
async def test_what_is_no_position_is_passed_over(api: Api, last: str) -> None:
    order_id = await api.draft()
    async with streaming(api, EVENTS, ORDER_EVENTS, last, id=order_id, after="0") as stream:
        assert version_in((await next_event(stream)).response) == 1


async def test_numbers_of_any_length_are_refused_as_others_are(api: Api) -> None:
    async with streaming(api, EVENTS, ORDER_EVENTS, id=10**30) as stream:
        (error,) = (await next_event(stream)).response["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_browser_subscribes_by_get(api: Api) -> None:
    order_id = await api.draft()
    variables = quote(json.dumps({"id": order_id, "after": "0"}))
    what = f"GET /graphql?query={quote(ORDER_EVENTS)}&variables={variables}"
    async with opened(api, what, EVENTS, "", {}, b"") as stream:
        assert "content-type: text/event-stream" in stream.head
        assert "cache-control: no-cache" in stream.head
        assert version_in((await next_event(stream)).response) == 1


async def test_parts_that_are_cut_go_on_as_well(api: Api) -> None:
    order_id = await api.draft()
    async with streaming(api, PARTS, ORDER_EVENTS, id=order_id, after="0") as stream:
        assert 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0' in stream.head
        first = [await next_payload(stream) for _ in range(2)]
        stream.cut()
    position = first[-1]["data"]["orderEvents"]["position"]
    for last, after in (("", position), (position, "0")):
        async with streaming(api, PARTS, ORDER_EVENTS, last, id=order_id, after=after) as stream:
            rest = [await next_payload(stream) for _ in range(2)]
        assert [version_in(payload) for payload in [*first, *rest]] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("accept", "heartbeat"),
    [(EVENTS, b":\n\n"), (PARTS, b"\r\ncontent-type: application/json\r\n\r\n{}\r\n--graphql")],
)
async def test_a_silent_stream_gives_signs_of_life(api: Api, accept: str, heartbeat: bytes) -> None:
    async with streaming(api, accept, EVERY_EVENT, id=await api.draft()) as stream:
        for _ in range(3):
            await stream.until(heartbeat)


async def test_a_query_over_an_event_stream_is_told_once_and_complete(api: Api) -> None:
    async with streaming(api, EVENTS, "{ head }") as stream:
        event = await next_event(stream)
        assert event.type == "next"
        assert event.response["data"]["head"].isdecimal()
        assert b"event: complete\ndata:\n\n" in await stream.ended()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ('subscription { orderEvents(orderId: "x") { version } }', "BAD_USER_INPUT"),
    ],
)
async def test_what_an_event_stream_cannot_tell_it_says_and_ends(
    api: Api, query: str, code: str
) -> None:
    async with streaming(api, EVENTS, query) as stream:
        event = await next_event(stream)
        assert event.response["errors"][0]["extensions"]["code"] == code
        assert b"event: complete" in await stream.ended()


async def test_parts_say_what_is_wrong_and_end(api: Api) -> None:
    async with streaming(api, PARTS, "subscription { nothing }") as stream:
        payload = await next_payload(stream)
        assert payload["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        assert (await stream.ended()).startswith(b"--\r\n")


async def test_what_cannot_be_shared_is_told_all_the_same(api: Api) -> None:
    order_id = await api.draft()
    fragment = """
      subscription Watch($id: ID!) { ...Events }
      fragment Events on Subscription { orderEvents(orderId: $id, after: "0") { version } }
    """
    async with streaming(api, EVENTS, fragment, id=order_id) as stream:
        assert version_in((await next_event(stream)).response) == 1


async def test_who_cannot_take_a_stream_is_told_how_to_subscribe(api: Api) -> None:
    answer = await api.post(ORDER_EVENTS, id=await api.draft())
    assert "text/event-stream" in answer["errors"][0]["message"]


@pytest.mark.parametrize("accept", [EVENTS, PARTS])
async def test_a_server_that_stops_cuts_what_would_never_end(
    accept: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{tmp_path}/orderlog.db"
        async with serving(url, shutdown_grace_seconds=60) as api:
            order_id = await api.draft()
            stream = await stack.enter_async_context(
                streaming(api, accept, ORDER_EVENTS, id=order_id, after="0")
            )
            await stream.until(b'"version":4')
            begun = time.monotonic()
        assert time.monotonic() - begun < PATIENCE_SECONDS
        with pytest.raises(asyncio.IncompleteReadError):
            await stream.ended()
    assert [entry.message for entry in caplog.records if entry.levelname == "ERROR"] == []


async def test_nothing_is_left_of_clients_that_have_gone(api: Api) -> None:
    order_id = await api.draft()
    before = len(asyncio.all_tasks())
    async with streaming(api, EVENTS, EVERY_EVENT, id=order_id) as one:
        await one.until(b"\n\n")
        async with streaming(api, PARTS, EVERY_EVENT, id=order_id) as other:
            await other.until(b"--graphql")
            assert len(asyncio.all_tasks()) > before
            other.cut()
        one.cut()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(asyncio.all_tasks()) > before or api.platform.hub.subscriber_count:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)
