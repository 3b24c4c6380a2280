"""graphql-transport-ws on real sockets: every corner of its protocol, by name.

After PROTOCOL.md of graphql-ws. What is malformed closes the socket; what is a bad document does
not, and leaves everything else on it running.
"""

import hashlib
import json
import signal
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.server.test_serving import started, stopped
from tests.support.program import Program
from tests.support.talking import ACK, INIT, PROTOCOL, Message, talking

HEAD: Final = "{ head }"
WATCH: Final = "subscription Watch($after: Position) { stockChanged(after: $after) { position } }"
DRAFT: Final = 'mutation { createDraftOrder(input: {currency: "GBP"}) { order { orderId } } }'
ORDER: Final = "query Order($id: ID!) { order(id: $id) { orderId } }"


def subscribe(**changed: object) -> Message:
    """A message that would be right, but for this."""
    message: Message = {"id": "1", "type": "subscribe", "payload": {"query": HEAD}}
    return {name: value for name, value in (message | changed).items() if value is not ...}


def payload(**changed: object) -> Message:
    given = {"query": HEAD} | changed
    return subscribe(payload={name: value for name, value in given.items() if value is not ...})


MALFORMED: Final[Mapping[str, object]] = {
    "no JSON": "hello",
    "nothing at all": "",
    "half a message": '{"type": "ping"',
    "a message and more": '{"type": "ping"} {}',
    "no literal of JSON": '{"type": "ping", "payload": {"x": NaN}}',
    "nesting without end": '{"type": "ping", "payload": {"x": ' + "[" * 50_000,
    "null": "null",
    "a number": "7",
    "a string": '"ping"',
    "several messages at once": [{"type": "ping"}, {"type": "ping"}],
    "no type": {"id": "1"},
    "null as type": {"type": None},
    "a number as type": {"type": 1},
    "a type that nobody knows": {"type": "start", "id": "1"},
    "what only servers say: connection_ack": ACK,
    "what only servers say: next": {"id": "1", "type": "next", "payload": {"data": {}}},
    "what only servers say: error": {"id": "1", "type": "error", "payload": [{"message": "x"}]},
    "a binary frame": json.dumps(INIT).encode(),
    "connection_init with a list": {"type": "connection_init", "payload": []},
    "connection_init with a string": {"type": "connection_init", "payload": "token"},
    "ping with a list": {"type": "ping", "payload": [1]},
    "pong with a number": {"type": "pong", "payload": 1},
    "subscribe without an id": subscribe(id=...),
    "subscribe with null as id": subscribe(id=None),
    "subscribe with a number as id": subscribe(id=1),
    "subscribe with an empty id": subscribe(id=""),
    "subscribe with an id without end": subscribe(id="x" * 129),
    "subscribe without a payload": subscribe(payload=...),
    "subscribe with null as payload": subscribe(payload=None),
    "subscribe with a string as payload": subscribe(payload=HEAD),
    "subscribe without a query": payload(query=...),
    "subscribe with null as query": payload(query=None),
    "subscribe with a number as query": payload(query=7),
    "subscribe with a list as variables": payload(variables=[]),
    "subscribe with a string as variables": payload(variables="{}"),
    "subscribe with a number as operationName": payload(operationName=7),
    "subscribe with a list as extensions": payload(extensions=[]),
    "complete without an id": {"type": "complete"},
    "complete with a number as id": {"type": "complete", "id": 1},
    "complete with an empty id": {"type": "complete", "id": ""},
}

HEARD: Final[Mapping[str, object]] = {
    "a pong that nobody asked for": {"type": "pong"},
    "a pong with a payload": {"type": "pong", "payload": {"for": "you"}},
    "a pong with null as payload": {"type": "pong", "payload": None},
    "complete of what nobody knows": {"type": "complete", "id": "never"},
    "more than the protocol knows": {"type": "pong", "since": 1975},
    "blanks around a message": '\n\t {"type": "pong"} \r\n',
}

REFUSED: Final[Mapping[str, tuple[Message, str]]] = {
    "a syntax error": (payload(query="{ head "), "GRAPHQL_PARSE_FAILED"),
    "an empty document": (payload(query=""), "BAD_USER_INPUT"),
    "a comment only": (payload(query="# nothing"), "GRAPHQL_PARSE_FAILED"),
    "an unknown field": (payload(query="{ heads }"), "GRAPHQL_VALIDATION_FAILED"),
    "a subscription to an unknown field": (
        payload(query="subscription { heads }"),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a subscription to two fields": (
        payload(query="subscription { a: stockChanged { position } b: stockChanged { position } }"),
        "GRAPHQL_VALIDATION_FAILED",
    ),
    "a fragment alone": (payload(query="fragment F on Query { head }"), "BAD_USER_INPUT"),
    "two operations without a name": (
        payload(query="query A { head } query B { head }"),
        "BAD_USER_INPUT",
    ),
    "a name that is not there": (
        payload(query="query A { head }", operationName="B"),
        "BAD_USER_INPUT",
    ),
    "a variable that is missing": (payload(query=ORDER), "BAD_USER_INPUT"),
    "a variable of another type": (payload(query=ORDER, variables={"id": {}}), "BAD_USER_INPUT"),
    "a position that is none": (
        payload(query=WATCH, variables={"after": "yesterday"}),
        "BAD_USER_INPUT",
    ),
    "a number that is too large": (
        payload(query=WATCH, variables={"after": 10**30}),
        "BAD_USER_INPUT",
    ),
    "a document that is too deep": (
        payload(query="{ __schema { types" + " { fields { type" * 6 + " { name }" + " } }" * 7),
        "QUERY_TOO_DEEP",
    ),
    "a name of a document that nobody sent": (
        payload(query=..., extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}),
        "PERSISTED_QUERY_NOT_FOUND",
    ),
    "a name of a document that is none": (
        payload(extensions={"persistedQuery": {"version": 2}}),
        "BAD_USER_INPUT",
    ),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = started(Program(tmp_path_factory.mktemp("sockets")))
    yield url
    stopped(process, signal.SIGTERM)


# --- what is said


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_malformed_closes_the_socket(url: str, name: str) -> None:
    async with talking(url) as talk:
        await talk.say(MALFORMED[name])
        code, reason = await talk.closed()
        assert (code, reason[:15]) == (4400, "Invalid message")


async def test_malformed_is_malformed_before_anything_else(url: str) -> None:
    async with talking(url, init=None) as talk:
        await talk.say("hello")
        assert (await talk.closed())[0] == 4400


async def test_text_that_is_no_utf_8_closes_the_socket(url: str) -> None:
    async with talking(url) as talk:
        await talk.say_broken_text(b'{"type": "ping", "payload": {"x": "\xff"}}')
        assert (await talk.closed())[0] == 4400


async def test_a_message_that_is_too_long_closes_the_socket(url: str) -> None:
    async with talking(url) as talk:
        await talk.say({"type": "pong", "payload": {"x": "y" * 140_000}})
        assert (await talk.closed())[0] == 1009


async def test_a_message_may_come_in_fragments(url: str) -> None:
    async with talking(url) as talk:
        await talk.connection.send(iter(['{"type"', "", ': "pi', 'ng"}']))
        assert await talk.hear() == {"type": "pong"}


@pytest.mark.parametrize("name", HEARD)
async def test_what_asks_for_nothing_changes_nothing(url: str, name: str) -> None:
    async with talking(url) as talk:
        await talk.say(HEARD[name])
        assert await talk.is_alive()


# --- the beginning


@pytest.mark.parametrize("content", [None, {}, {"shop": [1, {"two": 3}]}])
async def test_a_payload_of_connection_init_is_free(url: str, content: object) -> None:
    async with talking(url, init=INIT | {"payload": content}) as talk:
        assert await talk.is_alive()


async def test_a_second_initialisation_closes_the_socket(url: str) -> None:
    async with talking(url) as talk:
        await talk.say(INIT)
        assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_who_says_nothing_is_not_waited_for(url: str) -> None:
    async with talking(url, init=None) as talk:
        assert await talk.closed() == (4408, "Connection initialisation timeout")


async def test_a_ping_alone_is_no_beginning(url: str) -> None:
    async with talking(url, init=None) as talk:
        await talk.say({"type": "ping"})
        assert await talk.hear() == {"type": "pong"}, "it may be asked at any time"
        assert await talk.closed() == (4408, "Connection initialisation timeout")


async def test_who_subscribes_before_it_is_acknowledged_is_sent_away(url: str) -> None:
    async with talking(url, init=None) as talk:
        await talk.ask(HEAD)
        assert await talk.closed() == (4401, "Unauthorized")


@pytest.mark.parametrize("offered", [("graphql-ws",), ("soap",), ()])
async def test_other_protocols_are_not_spoken(url: str, offered: tuple[str, ...]) -> None:
    async with talking(url, init=None, subprotocols=offered) as talk:
        assert talk.connection.subprotocol is None
        assert await talk.closed() == (4406, "Subprotocol not acceptable")


async def test_the_right_protocol_is_chosen_among_others(url: str) -> None:
    async with talking(url, subprotocols=("graphql-ws", PROTOCOL)) as talk:
        assert talk.connection.subprotocol == PROTOCOL


async def test_a_page_of_another_site_gets_no_socket(url: str) -> None:
    address, evil = url.replace("http", "ws") + "/graphql", "https://evil.example"
    with pytest.raises(InvalidStatus, match="403"):
        await connect(
            address,
            subprotocols=[Subprotocol(PROTOCOL)],
            origin=evil,  # type: ignore[arg-type] # a name of its own for a string
        )


# --- operations


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bad_document_is_refused_and_nothing_else_ends(url: str, name: str) -> None:
    message, code = REFUSED[name]
    async with talking(url) as talk:
        await talk.ask(WATCH, "other")
        await talk.say(message)
        answer = await talk.hear()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == [code]
        await talk.ask(HEAD, "1")
        assert (await talk.hear())["type"] == "next", "its id is free"
        assert await talk.hear() == {"id": "1", "type": "complete"}
        await talk.ask(WATCH, "other")
        assert await talk.closed() == (4409, "Subscriber for other already exists")


async def test_a_query_is_answered_once(url: str) -> None:
    async with talking(url) as talk:
        await talk.ask(HEAD, variables=None, operationName=None, extensions=None)
        answer = await talk.hear()
        assert (answer["id"], answer["type"]) == ("1", "next")
        assert int(answer["payload"]["data"]["head"]) >= 0
        assert await talk.hear() == {"id": "1", "type": "complete"}


async def test_a_mutation_is_answered_once(url: str) -> None:
    async with talking(url) as talk:
        await talk.ask(DRAFT)
        assert (await talk.hear())["payload"]["data"]["createDraftOrder"]["order"]["orderId"]
        assert await talk.hear() == {"id": "1", "type": "complete"}


async def test_an_error_of_a_field_is_part_of_the_answer(url: str) -> None:
    async with talking(url) as talk:
        await talk.ask('{ head order(id: "nobody knows") { orderId } }')
        answer = await talk.hear()
        assert answer["type"] == "next"
        assert answer["payload"]["data"]["order"] is None
        assert answer["payload"]["errors"][0]["path"] == ["order"]
        assert await talk.hear() == {"id": "1", "type": "complete"}


async def test_an_id_is_given_back_as_it_came(url: str) -> None:
    key = 'Ünï"cø\\dé\n\u2028🫖'
    async with talking(url) as talk:
        await talk.ask(HEAD, key)
        assert (await talk.hear())["id"] == key
        assert (await talk.hear())["id"] == key


async def test_an_id_is_free_as_soon_as_its_operation_is_over(url: str) -> None:
    async with talking(url) as talk:
        for _ in range(3):
            await talk.ask(HEAD)
            assert [(await talk.hear())["type"] for _ in range(2)] == ["next", "complete"]


async def test_who_has_heard_enough_may_use_the_id_again(url: str) -> None:
    async with talking(url) as talk:
        for _ in range(3):
            await talk.ask(WATCH)
            await talk.stop()
        assert await talk.is_alive(), "and nothing comes of what was stopped"


async def test_an_id_belongs_to_its_socket(url: str) -> None:
    async with talking(url) as one, talking(url) as another:
        await one.ask(WATCH)
        await another.ask(WATCH)
        assert await one.is_alive()
        assert await another.is_alive()


async def test_too_many_operations_are_refused_one_by_one(url: str) -> None:
    async with talking(url) as talk:
        for number in range(20):
            await talk.ask(WATCH, str(number))
        await talk.ask(HEAD, "20")
        refused = await talk.hear()
        assert (refused["id"], refused["type"]) == ("20", "error")
        assert refused["payload"][0]["extensions"] == {"code": "TOO_MANY_OPERATIONS", "max": 20}
        await talk.stop("7")
        await talk.ask(HEAD, "20")
        assert (await talk.hear())["type"] == "next"


async def test_a_document_is_sent_once_and_named_from_then_on(url: str) -> None:
    name = hashlib.sha256(WATCH.encode()).hexdigest()
    named = {"persistedQuery": {"version": 1, "sha256Hash": name}}
    async with talking(url) as talk:
        await talk.ask(WATCH, "1", extensions=named)
        await talk.say({"id": "2", "type": "subscribe", "payload": {"extensions": named}})
        await talk.say({"id": "3", "type": "subscribe", "payload": {"documentId": name}})
        assert await talk.is_alive(), "none of them was refused"


async def test_a_server_that_stops_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    process, url = started(Program(tmp_path_factory.mktemp("stopping")))
    async with talking(url) as talk:
        await talk.ask(WATCH)
        assert await talk.is_alive()
        process.send_signal(signal.SIGTERM)
        assert (await talk.closed())[0] == 1012
    process.communicate(timeout=20)


def test_every_corner_has_a_name() -> None:
    tables: tuple[Mapping[str, Any], ...] = (MALFORMED, HEARD, REFUSED)
    assert sum(map(len, tables)) >= 45
