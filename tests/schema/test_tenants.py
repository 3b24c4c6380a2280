"""What is not somebody's own looks as if it did not exist: of customers, and of channels."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Final, cast

import pytest
import pytest_asyncio

from orderlog.domain.orders.events import OrderNoteAdded
from orderlog_projections.order_page.projector import REACTIONS
from orderlog_schema.events import queries as events_queries
from orderlog_schema.principals import Role
from orderlog_schema.relay import global_id
from tests.schema.api import LINE, NOWHERE
from tests.schema.asking import Asker, JsonObject
from tests.schema.tenants import (
    ADA,
    ADMIN,
    BOB,
    CAROL,
    NORTHERN,
    House,
    open_house,
    staff,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE_SECONDS: Final = 5
QUIET_SECONDS: Final = 0.3
EVENTS: Final = """
subscription Events($id: ID!, $after: Position) {
  orderEvents(orderId: $id, after: $after) { type position }
}
"""
CHANGED: Final = """
subscription Changed($after: Position) {
  orderChanged(after: $after) { position order { orderId } }
}
"""
PAYMENTS: Final = "query Payments($id: ID!) { order(id: $id) { payments { id } } }"
ORDERS: Final = "{ orders(first: 100) { totalCount nodes { orderId } } }"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    folder = tmp_path_factory.mktemp("tenants")
    async with open_house(f"sqlite:///{folder}/orderlog.db") as house:
        yield house


async def seen_by(asker: Asker) -> set[str]:
    orders = (await asker.ask(ORDERS))["orders"]
    assert orders["totalCount"] == len(orders["nodes"])
    return {order["orderId"] for order in orders["nodes"]}


# --- a customer ---


async def test_lists_hold_what_is_theirs(house: House) -> None:
    assert house.ada.order in await seen_by(house.by(ADA))
    assert not {house.bob.order, house.carol.order} & await seen_by(house.by(ADA))
    assert {house.ada.order, house.bob.order} <= await seen_by(house.by(ADMIN))
    filtered = '{ orders(filter: {customerId: "bob"}) { totalCount nodes { orderId } } }'
    assert (await house.by(ADA).ask(filtered))["orders"] == {"totalCount": 0, "nodes": []}


async def test_what_another_customer_has_is_null(house: House) -> None:
    query = """
    query Theirs($order: ID!, $node: ID!, $payment: ID!, $customer: ID!) {
      order(id: $order) { number }
      then: order(id: $order, asOf: {time: "2026-01-01T00:00:00Z"}) { number }
      before: order(id: $order, asOf: {position: "1"}) { number }
      customer(id: "bob") { ordersPlaced }
      node(id: $node) { id }
      nodes(ids: [$payment, $customer]) { id }
    }
    """
    answer = await house.by(ADA).ask(
        query,
        order=house.bob.order,
        node=global_id("Order", house.bob.order),
        payment=house.bob.ids["Payment"],
        customer=global_id("Customer", "bob"),
    )
    assert answer["nodes"] == [None, None]
    del answer["nodes"]
    assert set(answer.values()) == {None}


async def test_what_is_their_own_is_shown(house: House) -> None:
    query = """
    query Mine($id: ID!) {
      customer(id: "ada") { ordersPlaced orders { nodes { orderId } } }
      order(id: $id) {
        customerId
        addresses { name }
        history { nodes { type } }
        payments { id status }
      }
    }
    """
    answer = await house.by(ADA).ask(query, id=house.ada.order)
    assert answer["customer"]["orders"]["nodes"][-1] == {"orderId": house.ada.order}
    assert answer["order"]["customerId"] == "ada"
    assert answer["order"]["addresses"][0]["name"] == "Ada Lovelace"
    types = [event["type"] for event in answer["order"]["history"]["nodes"]]
    assert {"OrderDrafted", "OrderPlaced", "OrderConfirmed"} <= set(types)
    (payment,) = answer["order"]["payments"]
    found = await house.by(ADA).ask(
        "query Node($id: ID!) { node(id: $id) { id ... on Payment { status } } }", id=payment["id"]
    )
    assert found["node"] == payment


async def test_a_draft_is_the_customers_own_and_nobody_elses(house: House) -> None:
    assert await house.by(ADA).codes("createDraftOrder", currency="GBP", customerId="bob") == [
        "INVALID_VALUE"
    ]
    for customer in ({}, {"customerId": "ada"}, {"customerId": global_id("Customer", "ada")}):
        made = await house.by(ADA).done(
            "createDraftOrder", "order { customerId }", currency="GBP", **customer
        )
        assert made["order"] == {"customerId": "ada"}


def to_others() -> list[tuple[str, JsonObject]]:
    """Every command of a customer, in a form that would do something, or be refused for more."""
    pounds = {"amount": "1.00", "currency": "GBP"}
    return [
        ("addOrderLine", LINE),
        ("changeOrderLineQuantity", {"lineId": NOWHERE, "quantity": 1}),
        ("removeOrderLine", {"lineId": NOWHERE}),
        (
            "setOrderAddress",
            {"kind": "SHIPPING", "name": "A", "line1": "B", "city": "C", "country": "GB"},
        ),
        ("selectShippingMethod", {"methodId": "m", "name": "M", "price": pounds}),
        ("discardDraft", {}),
        ("placeOrder", {"expectedTotal": {"amount": "1.00", "currency": "EUR"}}),
        ("cancelOrder", {"reasonCode": "x", "amount": {"amount": "1.00", "currency": "EUR"}}),
    ]


@pytest.mark.parametrize(("mutation", "given"), to_others())
@pytest.mark.parametrize("more", [{}, {"expectedVersion": 3}])
async def test_anothers_order_is_refused_just_as_none_at_all(
    house: House, mutation: str, given: JsonObject, more: JsonObject
) -> None:
    head = house.head
    theirs, none = [
        await house.by(ADA).tell(mutation, "order { orderId }", **given, **more, orderId=order_id)
        for order_id in (house.bob.order, NOWHERE)
    ]
    assert house.head == head
    assert json.dumps(theirs).replace(house.bob.order, NOWHERE) == json.dumps(none)
    (error,) = theirs["errors"]
    assert error["code"] == ("VERSION_CONFLICT" if more else "ORDER_NOT_FOUND")


async def test_a_customer_reads_only_notes_that_were_written_for_customers(house: House) -> None:
    for visibility in ("INTERNAL", "CUSTOMER"):
        await house.by(ADMIN).done(
            "addOrderNote", orderId=house.ada.order, text=visibility, visibility=visibility
        )
    query = "query Notes($id: ID!) { order(id: $id) { notes { text } } }"
    await house.platform.settled()
    for asker, texts in (house.by(ADA), ["CUSTOMER"]), (house.by(ADMIN), ["INTERNAL", "CUSTOMER"]):
        notes = (await asker.ask(query, id=house.ada.order))["order"]["notes"]
        assert [note["text"] for note in notes] == texts


async def test_a_key_of_another_customer_is_another_key(house: House) -> None:
    answers = [
        await house.by(one).done(
            "createDraftOrder", "order { customerId }", currency="GBP", idempotencyKey="same"
        )
        for one in (ADA, BOB, CAROL, ADA)
    ]
    assert [one["order"]["customerId"] for one in answers] == ["ada", "bob", "carol", "ada"]
    assert [one["replayed"] for one in answers] == [False, False, False, True]


async def types_heard(events: AsyncGenerator[JsonObject]) -> list[str]:
    """What comes until it is quiet."""
    types: list[str] = []
    try:
        while True:
            async with asyncio.timeout(QUIET_SECONDS):
                types.append((await anext(events))["orderEvents"]["type"])
    except TimeoutError:
        return types


async def past_types(asker: Asker, order_id: str) -> list[str]:
    async with asker.watching(EVENTS, id=order_id, after="0") as events:
        return await types_heard(events)


async def test_of_anothers_order_nothing_is_heard(house: House) -> None:
    assert await past_types(house.by(ADA), house.bob.order) == []
    async with house.by(ADA).watching(CHANGED, after="0") as changes:
        first = await anext(changes)
        assert first["orderChanged"]["order"]["orderId"] != house.bob.order


async def test_an_order_that_changes_hands_is_heard_by_its_new_owner_alone(house: House) -> None:
    ada, bob = house.by(ADA), house.by(BOB)
    order_id = await ada.draft()
    drafted_at = house.head
    async with (
        ada.watching(EVENTS, id=order_id, after="0") as adas,
        bob.watching(EVENTS, id=order_id, after="0") as bobs,
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await anext(adas))["orderEvents"]["type"] == "OrderDrafted"
            hearing = asyncio.create_task(anext(bobs))
            await asyncio.sleep(0.2)
            assert not hearing.done(), "it is not his"
            await house.by(ADMIN).done("assignCustomer", orderId=order_id, customerId="bob")
            assert (await hearing)["orderEvents"]["type"] == "OrderCustomerAssigned"
        await house.by(ADMIN).done("addOrderLine", orderId=order_id, **LINE)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await anext(bobs))["orderEvents"]["type"] == "OrderLineAdded"
        assert "OrderCustomerAssigned" not in await types_heard(adas)
    assert await past_types(ada, order_id) == []
    assert "OrderDrafted" in await past_types(bob, order_id)
    await house.platform.settled()
    assert (await ada.ask(PAYMENTS, id=order_id))["order"] is None
    assert (await bob.ask(PAYMENTS, id=order_id))["order"] == {"payments": []}
    then = """query Then($id: ID!, $at: Position!) {
      order(id: $id, asOf: {position: $at}) { customerId }
    }"""
    given = {"id": order_id, "at": str(drafted_at)}
    assert (await ada.ask(then, **given))["order"] is None, "it is not hers any more"
    assert (await bob.ask(then, **given))["order"] is None, "it was not his then"
    assert (await house.by(ADMIN).ask(then, **given))["order"] == {"customerId": "ada"}


# --- a channel ---


async def test_a_channel_has_numbers_of_its_own(house: House) -> None:
    query = "query Number($id: ID!) { order(id: $id) { number channelId } }"
    southern = (await house.by(ADMIN).ask(query, id=house.ada.order))["order"]
    north = (await house.by(NORTHERN).ask(query, id=house.carol.order))["order"]
    assert southern == {"number": "1001", "channelId": "default"}
    assert north == {"number": "N1001", "channelId": "north"}


async def test_staff_see_the_orders_of_their_channels(house: House) -> None:
    both = staff(Role.VIEWER, channel_ids=frozenset({"default", "north"}))
    everywhere = staff(Role.VIEWER, channel_ids=None)
    assert house.carol.order not in await seen_by(house.by(ADMIN))
    assert await seen_by(house.by(NORTHERN)) >= {house.carol.order}
    assert not await seen_by(house.by(NORTHERN)) & {house.ada.order, house.bob.order}
    for one in (both, everywhere):
        assert await seen_by(house.by(one)) >= {house.ada.order, house.carol.order}


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


# --- ids ---


@pytest.mark.parametrize("kind", ["Customer", "Order", "Payment", "Process", "StockItem"])
async def test_an_id_under_another_type_is_nothing_else(house: House, kind: str) -> None:
    """A key that belongs to one type finds nothing of another."""
    keys = {
        "Order": house.ada.order,
        "Customer": "ada",
        "Process": f"process-placement-{house.ada.order}",
        "StockItem": "stock-main-TEA",
    }
    for owner, key in keys.items():
        node = (
            await house.by(ADMIN).ask(
                "query Node($id: ID!) { node(id: $id) { __typename } }", id=global_id(kind, key)
            )
        )["node"]
        assert node in ([{"__typename": kind}] if owner == kind else [None])


async def test_an_id_of_a_type_that_is_for_others_is_nothing(house: House) -> None:
    query = "query Node($id: ID!) { node(id: $id) { id } }"
    for key in ("StockItem", "stock-main-TEA"), ("Process", f"process-placement-{house.ada.order}"):
        assert (await house.by(ADA).ask(query, id=global_id(*key)))["node"] is None
