"""An order of the past, asked through the API: nothing in it is from later."""

from typing import Final

import pytest

from tests.schema.api import Api, JsonObject

QUERY: Final = """
  query Then($id: ID!, $asOf: AsOf) {
    order(id: $id, asOf: $asOf) {
      lifecycle paymentStatus version position isStale allowedActions customerName
      lines { sku quantity }
      payments { status }
      process { status step position steps { name } }
      history(first: 100) { nodes { position type recordedAt } position }
    }
  }
"""


async def order(api: Api, order_id: str, **as_of: object) -> JsonObject | None:
    found: JsonObject | None = (await api.ask(QUERY, id=order_id, asOf=as_of or None))["order"]
    return found


async def begun_and_confirmed(api: Api) -> tuple[str, JsonObject]:
    """An order's id, and the order as it is in the end."""
    await api.stock("TEA", 10)
    order_id = await api.confirmed()
    now = await order(api, order_id)
    assert now is not None
    return order_id, now


async def test_each_moment_ends_with_its_own_event(any_api: Api) -> None:
    order_id, now = await begun_and_confirmed(any_api)
    history = now["history"]["nodes"]
    for length, event in enumerate(history, 1):
        then = await order(any_api, order_id, position=event["position"])
        assert then is not None
        assert then["position"] == then["history"]["position"] == event["position"]
        assert then["history"]["nodes"] == history[:length]
        assert int((then["process"] or then)["position"]) <= int(event["position"])
    assert await order(any_api, order_id, position=now["position"]) == {
        **now,
        "history": {**now["history"], "position": now["position"]},
    }


async def test_between_placing_and_confirming(api: Api) -> None:
    order_id, now = await begun_and_confirmed(api)
    (placed,) = (one for one in now["history"]["nodes"] if one["type"] == "OrderPlaced")
    then = await order(api, order_id, position=placed["position"])
    assert then is not None
    assert (then["lifecycle"], then["allowedActions"]) == ("PENDING", ["CANCEL", "ADD_NOTE"])
    assert (then["payments"], then["process"]) == ([], None)
    assert then["customerName"] == "Ada Lovelace"


async def test_a_time_is_as_good_and_nothing_was_before_the_beginning(api: Api) -> None:
    order_id, now = await begun_and_confirmed(api)
    first, last = now["history"]["nodes"][0], now["history"]["nodes"][-1]
    then = await order(api, order_id, time=last["recordedAt"])
    assert then is not None
    assert then["version"] == now["version"]
    assert await order(api, order_id, position=str(int(first["position"]) - 1)) is None
    assert await order(api, order_id, time="2020-01-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ({"position": "1000000"}, "INVALID_VALUE"),
        ({"time": "9999-01-01T00:00:00Z"}, "INVALID_VALUE"),
        ({"position": "-1"}, "BAD_USER_INPUT"),
        ({"time": "2026-11-23T08:30:00"}, "BAD_USER_INPUT"),
        ({"position": "1", "time": "2026-11-23T08:30:00Z"}, "BAD_USER_INPUT"),
        ({"position": None}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
    ],
)
async def test_a_moment_is_one_and_it_is_past(api: Api, as_of: JsonObject, code: str) -> None:
    order_id = await api.draft()
    (error,) = (await api.post(QUERY, id=order_id, asOf=as_of))["errors"]
    assert error["extensions"]["code"] == code
