"""An operator meets poison over the API: sees it, mends it, brings it back or gives it up."""

from typing import Final, cast

import pytest

from orderlog.domain.orders.events import OrderNoteAdded
from orderlog_projections.order_page.projector import REACTIONS
from tests.schema.api import ERRORS, Api, JsonObject
from tests.schema.test_operations import OPERATIONS

ORDER: Final = (
    "query Notes($id: ID!, $at: Position) { order(id: $id, minPosition: $at) { notes { text } } }"
)
PARKED: Final = "{ projections { name lag lagSeconds parkedKeys error } }"
REPLAY: Final = f"""
mutation Replay($input: ReplayDeadLettersInput!) {{
  replayDeadLetters(input: $input) {{ applied waiting cause {ERRORS} }}
}}
"""
DISCARD: Final = f"""
mutation Discard($input: DiscardDeadLettersInput!) {{
  discardDeadLetters(input: $input) {{ discarded {ERRORS} }}
}}
"""


def stumble(*_: object) -> None:
    raise ValueError("Ada's note")


async def note(api: Api, order_id: str, text: str) -> str:
    payload = await api.done("addOrderNote", orderId=order_id, text=text, visibility="INTERNAL")
    position: str = payload["position"]
    return position


async def notes(api: Api, order_id: str, at: str) -> list[str]:
    order = (await api.ask(ORDER, id=order_id, at=at))["order"]
    return [one["text"] for one in order["notes"]]


async def letters(api: Api) -> list[JsonObject]:
    found: list[JsonObject] = (await api.ask(OPERATIONS["DeadLetters"]))["deadLetters"]["nodes"]
    return found


async def replay(api: Api, **given: object) -> JsonObject:
    payload: JsonObject = (await api.ask(REPLAY, input=given))["replayDeadLetters"]
    return payload


async def poisoned(api: Api, patch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two orders; the page of the first has stumbled over a note. Both ids."""
    first, second = await api.draft(), await api.draft()
    patch.setitem(cast("dict[object, object]", REACTIONS), OrderNoteAdded, stumble)
    position = await note(api, first, "one")
    assert await notes(api, first, position) == []
    return first, second


async def test_a_parked_order_is_seen_and_comes_back(
    any_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = any_api
    with monkeypatch.context() as fault:
        first, second = await poisoned(api, fault)
        await note(api, first, "two")
    position = await note(api, second, "three")
    assert await notes(api, second, position) == ["three"], "others go on"
    (letter,) = await letters(api)
    assert (letter["projection"], letter["key"], letter["eventCount"]) == ("order_page", first, 2)
    assert letter["error"].startswith("ValueError in tests.schema.test_dead_letters.stumble")
    (state,) = [
        one for one in (await api.ask(PARKED))["projections"] if one["name"] == "order_page"
    ]
    assert state == {
        "name": "order_page",
        "lag": "0",
        "lagSeconds": "0.000",
        "parkedKeys": 1,
        "error": None,
    }
    done = await replay(api, projection="order_page", key=first)
    assert done == {"applied": 2, "waiting": 0, "cause": None, "errors": []}
    assert await notes(api, first, position) == ["one", "two"]
    assert await letters(api) == []
    position = await note(api, first, "four")
    assert await notes(api, first, position) == ["one", "two", "four"]


async def test_what_fails_again_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = await poisoned(api, monkeypatch)
    done = await replay(api, projection="order_page", key=first, table="order_page")
    assert (done["applied"], done["waiting"], done["errors"]) == (0, 1, [])
    assert done["cause"].startswith("ValueError in ")


async def test_what_is_given_up_is_missing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as fault:
        first, _ = await poisoned(api, fault)
    given = {"projection": "order_page", "key": first}
    for reason, discarded, codes in (" ", 0, ["REASON_REQUIRED"]), ("it says nothing", 1, []):
        answer = await api.ask(DISCARD, input={**given, "reason": reason})
        payload = answer["discardDeadLetters"]
        assert payload["discarded"] == discarded
        assert [one["code"] for one in payload["errors"]] == codes
    position = await note(api, first, "two")
    assert await notes(api, first, position) == ["two"]


async def test_what_is_not_parked_is_an_answer(any_api: Api) -> None:
    for key in ("nobody", "\x00"):
        done = await replay(any_api, projection="order_page", key=key)
        (error,) = done["errors"]
        assert error["code"] == "DEAD_LETTER_NOT_FOUND"
        assert error["path"] == ["input", "key"]
