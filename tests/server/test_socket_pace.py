"""Clients that do not keep up: what waits is bounded, and where to go on is said."""

import asyncio
from pathlib import Path
from typing import Final

from tests.schema.api import Api, serving
from tests.schema.test_streams import note
from tests.support.attacking import small_socket
from tests.support.talking import Message, Talk, talking

ALIASES: Final = 24
"""One event fills more than a page of memory: so that buffers are soon full."""
WATCH: Final = f"""
  subscription Watch($id: ID!, $after: Position) {{
    orderEvents(orderId: $id, after: $after) {{
      position version {" ".join(f"data{number}: data" for number in range(ALIASES))}
    }}
  }}
"""
NOTES: Final = 330
TEXT: Final = "x" * 2_000


def versions_of(messages: list[Message]) -> list[int]:
    return [message["payload"]["data"]["orderEvents"]["version"] for message in messages]


async def heard_until_told_off(talk: Talk) -> tuple[list[Message], str]:
    """The events, and the last position as the server says it."""
    events: list[Message] = []
    while not (message := await talk.hear())["payload"].get("errors"):
        events.append(message)
    (error,) = message["payload"]["errors"]
    assert error["extensions"]["code"] == "SUBSCRIBER_TOO_SLOW"
    assert await talk.hear() == {"id": message["id"], "type": "complete"}
    return events, error["extensions"]["lastPosition"]


async def write(api: Api, order_id: str, count: int) -> None:
    for _ in range(count):
        await api.done("addOrderNote", orderId=order_id, text=TEXT)


async def test_who_does_not_read_is_told_where_to_go_on_and_nobody_else_waits(
    tmp_path: Path,
) -> None:
    async with serving(f"sqlite:///{tmp_path}/orders.db") as api:
        order_id = await api.draft()
        watched = {"id": order_id, "after": "0"}
        async with (
            talking(api.url, sock=small_socket(api.url), max_queue=1) as slow,
            talking(api.url) as quick,
        ):
            await slow.ask(WATCH, variables=watched)
            await quick.ask(WATCH, variables=watched)
            first = [await quick.hear() for _ in range(4)]
            writing = asyncio.create_task(write(api, order_id, NOTES))
            theirs = first + [await quick.hear() for _ in range(NOTES)]
            await writing
            assert versions_of(theirs) == list(range(1, NOTES + 5))
            events, last = await heard_until_told_off(slow)
            assert versions_of(events) == list(range(1, len(events) + 1)), "no gap up to there"
            assert events[-1]["payload"]["data"]["orderEvents"]["position"] == last
            await slow.ask(WATCH, variables=watched | {"after": last})
            missed = [await slow.hear() for _ in range(NOTES + 4 - len(events))]
            assert versions_of(events + missed) == versions_of(theirs)


async def test_who_reads_in_time_is_told_what_waited(tmp_path: Path) -> None:
    async with serving(f"sqlite:///{tmp_path}/orders.db") as api:
        order_id = await api.draft()
        watched = {"id": order_id, "after": "0"}
        async with talking(api.url, sock=small_socket(api.url), max_queue=1) as talk:
            await talk.ask(WATCH, variables=watched)
            await write(api, order_id, 120)
            events = [await talk.hear() for _ in range(124)]
            assert versions_of(events) == list(range(1, 125))
            await note(api, order_id, 1)
            assert versions_of([await talk.hear()]) == [125]
