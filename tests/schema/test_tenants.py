"""A channel is a tenant: what came through another looks as if it did not exist."""

from typing import Final, cast

import pytest

from orderlog.domain.orders.events import OrderNoteAdded
from orderlog_projections.order_page.projector import REACTIONS
from orderlog_schema.events import queries as events_queries
from orderlog_schema.principals import Role
from orderlog_schema.relay import global_id
from tests.schema.api import LINE
from tests.schema.asking import JsonObject
from tests.schema.tenants import (
    ADMIN,
    NORTHERN,
    House,
    staff,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_channel_has_numbers_of_its_own(house: House) -> None:
    query = "query Number($id: ID!) { order(id: $id) { number channelId } }"
    southern = (await house.by(ADMIN).ask(query, id=house.ada.order))["order"]
    north = (await house.by(NORTHERN).ask(query, id=house.carol.order))["order"]
    assert southern == {"number": "1001", "channelId": "default"}
    assert north == {"number": "N1001", "channelId": "north"}


async def test_staff_see_the_orders_of_their_channels(house: House) -> None:
    both = staff(Role.VIEWER, channel_ids=frozenset({"default", "north"}))
    everywhere = staff(Role.VIEWER, channel_ids=None)
    assert house.carol.order not in await house.by(ADMIN).sees()
    assert await house.by(NORTHERN).sees() >= {house.carol.order}
    assert not await house.by(NORTHERN).sees() & {house.ada.order, house.bob.order}
    for one in (both, everywhere):
        assert await house.by(one).sees() >= {house.ada.order, house.carol.order}


async def test_of_another_channel_everything_is_missing(house: House) -> None:
    query = """
    query Theirs($id: ID!, $payment: ID!, $process: ID!) {
      order(id: $id) { number }
      before: order(id: $id, asOf: {time: "2026-01-01T00:00:00Z"}) { number }
      process(orderId: $id) { status }
      customer(id: "bob") { ordersPlaced }
      nodes(ids: [$payment, $process]) { id }
    }
    """
    process = global_id("Process", f"process-placement-{house.bob.order}")
    asked = {"id": house.bob.order, "payment": house.bob.ids["Payment"], "process": process}
    theirs, own = [await one.ask(query, **asked) for one in (house.by(NORTHERN), house.by(ADMIN))]
    assert theirs.pop("nodes") == [None, None]
    assert set(theirs.values()) == {None}
    assert None not in own.pop("nodes")
    assert own.pop("before") is None, "it was not begun by then"
    assert None not in own.values()


async def test_sales_and_events_are_those_of_the_channel(house: House) -> None:
    sales = "{ salesByPeriod(period: MONTH) { orders revenue { amountMinor } } }"
    southern, north, all_of_it = [
        (await house.by(one).ask(sales))["salesByPeriod"][0]["orders"]
        for one in (ADMIN, NORTHERN, staff(Role.FINANCE, channel_ids=None))
    ]
    assert southern + north == all_of_it
    assert north == 1
    events = """{ events(first: 500) {
      pageInfo { hasNextPage } position nodes { channelId streamId }
    } }"""
    page = (await house.by(NORTHERN).ask(events))["events"]
    assert {event["channelId"] for event in page["nodes"]} == {"north"}
    assert f"order-{house.carol.order}" in {event["streamId"] for event in page["nodes"]}
    assert page["position"] == str(house.head)


async def test_a_long_search_for_events_says_where_to_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another channel did is passed over, so many at a time."""
    monkeypatch.setattr(events_queries, "SCAN_PAGE_EVENTS", 3)
    monkeypatch.setattr(events_queries, "SIFTED_PAGES_MAX", 1)
    query = """query Events($after: Position!) { events(first: 2, after: $after) {
      pageInfo { hasNextPage } position nodes { position channelId }
    } }"""
    found: list[str] = []
    after, pages, has_next = "0", 0, True
    while has_next:
        page = (await house.by(NORTHERN).ask(query, after=after))["events"]
        assert int(page["position"]) > int(after)
        found += [one["position"] for one in page["nodes"]]
        after, has_next, pages = page["position"], page["pageInfo"]["hasNextPage"], pages + 1
    whole = house.platform.log.page(0, 500)
    assert found == [str(e.position) for e in whole if e.event.envelope.channel_id == "north"]
    assert pages > len(found) / 2, "some found nothing"


COMMANDS: Final[list[tuple[str, str, JsonObject]]] = [
    ("cancelOrder", "ORDER_NOT_FOUND", {"reasonCode": "x"}),
    ("addOrderNote", "ORDER_NOT_FOUND", {"text": "x"}),
    ("assignCustomer", "ORDER_NOT_FOUND", {"customerId": "carol"}),
    ("recordLinesShipped", "ORDER_NOT_FOUND", {"lines": [], "ref": "x"}),
]


@pytest.mark.parametrize(("mutation", "code", "given"), COMMANDS)
async def test_nobody_writes_to_another_channel(
    house: House, mutation: str, code: str, given: JsonObject
) -> None:
    sees_both = staff(Role.ADMIN, channel_id="north", channel_ids=None)
    for one in (NORTHERN, sees_both):
        assert await house.by(one).codes(mutation, orderId=house.bob.order, **given) == [code]


async def test_payments_and_processes_of_another_channel_are_not_there(house: House) -> None:
    assert await house.by(NORTHERN).codes(
        "refundPayment", paymentId=house.bob.ids["Payment"], reasonCode="x"
    ) == ["PAYMENT_NOT_FOUND"]
    assert await house.by(NORTHERN).codes(
        "interveneInProcess",
        processId=f"process-placement-{house.bob.order}",
        action="RETRY",
        note="x",
    ) == ["PROCESS_NOT_FOUND"]


async def test_two_channels_import_from_systems_of_the_same_name(house: House) -> None:
    given = {
        "source": "old-shop",
        "externalId": "7",
        "placedAt": "2010-12-01T08:26:00Z",
        "currency": "GBP",
        "lines": [LINE],
        "guestEmail": "ada@example.org",
    }
    first, second = [
        (await one.done("importOrder", "order { orderId channelId }", **given))["order"]
        for one in (house.by(ADMIN), house.by(NORTHERN))
    ]
    assert (first["channelId"], second["channelId"]) == ("default", "north")
    assert first["orderId"] != second["orderId"]
    assert await house.by(ADMIN).codes("importOrder", **given) == ["ALREADY_EXISTS"]


async def test_a_channel_that_is_not_set_up_takes_no_orders(house: House) -> None:
    lost = house.by(staff(Role.ADMIN, channel_id="south", channel_ids=None))
    assert await lost.codes("createDraftOrder", currency="GBP") == ["CHANNEL_NOT_FOUND"]


async def test_stock_is_shared(house: House) -> None:
    query = '{ stockItem(sku: "TEA", warehouseId: "main") { onHand } }'
    assert await house.by(NORTHERN).ask(query) == await house.by(ADMIN).ask(query)


def stumble(*_: object) -> None:
    raise ValueError("a note")


async def test_dead_letters_are_those_of_the_channel(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await house.by(ADMIN).draft()
    with monkeypatch.context() as fault:
        fault.setitem(cast("dict[object, object]", REACTIONS), OrderNoteAdded, stumble)
        await house.by(ADMIN).done("addOrderNote", orderId=order_id, text="x")
        await house.platform.settled()
    letters = "{ deadLetters { nodes { projection key } } }"
    where = {"projection": "order_page", "key": order_id}
    assert (await house.by(NORTHERN).ask(letters))["deadLetters"]["nodes"] == []
    for mutation, more in ("replayDeadLetters", {}), ("discardDeadLetters", {"reason": "x"}):
        answer = await house.by(NORTHERN).ask(
            f"""mutation Act($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
              {mutation}(input: $input) {{ errors {{ code }} }}
            }}""",
            input={**where, **more},
        )
        assert answer[mutation]["errors"] == [{"code": "DEAD_LETTER_NOT_FOUND"}]
    assert (await house.by(ADMIN).ask(letters))["deadLetters"]["nodes"] == [where]
