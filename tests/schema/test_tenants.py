"""What is not somebody's own looks as if it did not exist: of customers, and of channels."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, cast

import pytest
import pytest_asyncio

from orderlog.domain.orders.events import OrderNoteAdded
from orderlog_projections.order_page.projector import REACTIONS
from orderlog_schema.principals import Role
from orderlog_schema.relay import global_id
from tests.schema.api import LINE, NOWHERE
from tests.schema.asking import (
    ADA,
    BOB,
    CAROL,
    Asker,
    House,
    JsonObject,
    northern,
    open_house,
    staff,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE_SECONDS: Final = 5
QUIET_SECONDS: Final = 0.3
ADMIN: Final = staff(Role.ADMIN)
NORTHERN: Final = northern(Role.ADMIN)
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
ORDERS: Final = "{ orders(first: 100) { totalCount nodes { orderId } } }"


@dataclass
class World:
    """Ada and Bob have an order each in the default channel, Carol has one in the north."""

    house: House
    ada: str
    bob: str
    carol: str
    bobs_payment: str
    ada_asks: Asker
    admin: Asker
    northern: Asker


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    folder = tmp_path_factory.mktemp("tenants")
    async with open_house(f"sqlite:///{folder}/orderlog.db") as house:
        yield await settled(house)


async def settled(house: House) -> World:
    admin = house.by(ADMIN)
    await admin.done("registerStockItem", sku="TEA", warehouseId="main")
    await admin.done(
        "receiveStock", sku="TEA", warehouseId="main", quantity=100, reference="opening"
    )
    ada, bob, carol = [await house.by(one).placed() for one in (ADA, BOB, CAROL)]
    payments = (await admin.ask(PAYMENTS, id=bob))["order"]["payments"]
    return World(
        house=house,
        ada=ada,
        bob=bob,
        carol=carol,
        bobs_payment=payments[0]["id"],
        ada_asks=house.by(ADA),
        admin=admin,
        northern=house.by(NORTHERN),
    )


PAYMENTS: Final = "query Payments($id: ID!) { order(id: $id) { payments { id } } }"


async def seen_by(asker: Asker) -> set[str]:
    orders = (await asker.ask(ORDERS))["orders"]
    assert orders["totalCount"] == len(orders["nodes"])
    return {order["orderId"] for order in orders["nodes"]}


# --- a customer ---


async def test_lists_hold_what_is_theirs(world: World) -> None:
    assert world.ada in await seen_by(world.ada_asks)
    assert not {world.bob, world.carol} & await seen_by(world.ada_asks)
    assert {world.ada, world.bob} <= await seen_by(world.admin)
    filtered = '{ orders(filter: {customerId: "bob"}) { totalCount nodes { orderId } } }'
    assert (await world.ada_asks.ask(filtered))["orders"] == {"totalCount": 0, "nodes": []}


async def test_what_another_customer_has_is_null(world: World) -> None:
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
    answer = await world.ada_asks.ask(
        query,
        order=world.bob,
        node=global_id("Order", world.bob),
        payment=world.bobs_payment,
        customer=global_id("Customer", "bob"),
    )
    assert answer["nodes"] == [None, None]
    del answer["nodes"]
    assert set(answer.values()) == {None}


async def test_what_is_their_own_is_shown(world: World) -> None:
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
    answer = await world.ada_asks.ask(query, id=world.ada)
    assert answer["customer"]["orders"]["nodes"][-1] == {"orderId": world.ada}
    assert answer["order"]["customerId"] == "ada"
    assert answer["order"]["addresses"][0]["name"] == "Ada Lovelace"
    types = [event["type"] for event in answer["order"]["history"]["nodes"]]
    assert {"OrderDrafted", "OrderPlaced", "OrderConfirmed"} <= set(types)
    (payment,) = answer["order"]["payments"]
    found = await world.ada_asks.ask(
        "query Node($id: ID!) { node(id: $id) { id ... on Payment { status } } }", id=payment["id"]
    )
    assert found["node"] == payment


async def test_a_draft_is_the_customers_own_and_nobody_elses(world: World) -> None:
    assert await world.ada_asks.codes("createDraftOrder", currency="GBP", customerId="bob") == [
        "INVALID_VALUE"
    ]
    for customer in ({}, {"customerId": "ada"}, {"customerId": global_id("Customer", "ada")}):
        made = await world.ada_asks.done(
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
    world: World, mutation: str, given: JsonObject, more: JsonObject
) -> None:
    head = world.house.platform.store.head()
    theirs, none = [
        await world.ada_asks.tell(mutation, "order { orderId }", **given, **more, orderId=order_id)
        for order_id in (world.bob, NOWHERE)
    ]
    assert world.house.platform.store.head() == head
    assert json.dumps(theirs).replace(world.bob, NOWHERE) == json.dumps(none)
    (error,) = theirs["errors"]
    assert error["code"] == ("VERSION_CONFLICT" if more else "ORDER_NOT_FOUND")


async def test_a_customer_reads_only_notes_that_were_written_for_customers(world: World) -> None:
    for visibility in ("INTERNAL", "CUSTOMER"):
        await world.admin.done(
            "addOrderNote", orderId=world.ada, text=visibility, visibility=visibility
        )
    query = "query Notes($id: ID!) { order(id: $id) { notes { text } } }"
    await world.house.platform.settled()
    for asker, texts in (world.ada_asks, ["CUSTOMER"]), (world.admin, ["INTERNAL", "CUSTOMER"]):
        notes = (await asker.ask(query, id=world.ada))["order"]["notes"]
        assert [note["text"] for note in notes] == texts


async def test_a_key_of_another_customer_is_another_key(world: World) -> None:
    answers = [
        await world.house.by(one).done(
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


async def test_of_anothers_order_nothing_is_heard(world: World) -> None:
    assert await past_types(world.ada_asks, world.bob) == []
    async with world.ada_asks.watching(CHANGED, after="0") as changes:
        first = await anext(changes)
        assert first["orderChanged"]["order"]["orderId"] != world.bob


async def test_an_order_that_changes_hands_is_heard_by_its_new_owner_alone(world: World) -> None:
    ada, bob = world.house.by(ADA), world.house.by(BOB)
    order_id = await ada.draft()
    async with (
        ada.watching(EVENTS, id=order_id, after="0") as adas,
        bob.watching(EVENTS, id=order_id, after="0") as bobs,
    ):
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await anext(adas))["orderEvents"]["type"] == "OrderDrafted"
            hearing = asyncio.create_task(anext(bobs))
            await asyncio.sleep(0.2)
            assert not hearing.done(), "it is not his"
            await world.admin.done("assignCustomer", orderId=order_id, customerId="bob")
            assert (await hearing)["orderEvents"]["type"] == "OrderCustomerAssigned"
        await world.admin.done("addOrderLine", orderId=order_id, **LINE)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await anext(bobs))["orderEvents"]["type"] == "OrderLineAdded"
        assert "OrderCustomerAssigned" not in await types_heard(adas)
    assert await past_types(ada, order_id) == []
    assert "OrderDrafted" in await past_types(bob, order_id)
    await world.house.platform.settled()
    assert (await ada.ask(PAYMENTS, id=order_id))["order"] is None
    assert (await bob.ask(PAYMENTS, id=order_id))["order"] == {"payments": []}


# --- a channel ---


async def test_a_channel_has_numbers_of_its_own(world: World) -> None:
    query = "query Number($id: ID!) { order(id: $id) { number channelId } }"
    southern = (await world.admin.ask(query, id=world.ada))["order"]
    north = (await world.northern.ask(query, id=world.carol))["order"]
    assert southern == {"number": "1001", "channelId": "default"}
    assert north == {"number": "N1001", "channelId": "north"}


async def test_staff_see_the_orders_of_their_channels(world: World) -> None:
    both = staff(Role.VIEWER, channel_ids=frozenset({"default", "north"}))
    everywhere = staff(Role.VIEWER, channel_ids=None)
    assert world.carol not in await seen_by(world.admin)
    assert await seen_by(world.northern) >= {world.carol}
    assert not await seen_by(world.northern) & {world.ada, world.bob}
    for one in (both, everywhere):
        assert await seen_by(world.house.by(one)) >= {world.ada, world.carol}


async def test_of_another_channel_everything_is_missing(world: World) -> None:
    query = """
    query Theirs($id: ID!, $payment: ID!, $process: ID!) {
      order(id: $id) { number }
      before: order(id: $id, asOf: {time: "2026-01-01T00:00:00Z"}) { number }
      process(orderId: $id) { status }
      customer(id: "bob") { ordersPlaced }
      nodes(ids: [$payment, $process]) { id }
    }
    """
    process = global_id("Process", f"process-placement-{world.bob}")
    asked = {"id": world.bob, "payment": world.bobs_payment, "process": process}
    theirs, own = [await one.ask(query, **asked) for one in (world.northern, world.admin)]
    assert theirs.pop("nodes") == [None, None]
    assert set(theirs.values()) == {None}
    assert None not in own.pop("nodes")
    assert own.pop("before") is None, "it was not begun by then"
    assert None not in own.values()


async def test_sales_and_events_are_those_of_the_channel(world: World) -> None:
    sales = "{ salesByPeriod(period: MONTH) { orders revenue { amountMinor } } }"
    southern, north, all_of_it = [
        (await world.house.by(one).ask(sales))["salesByPeriod"][0]["orders"]
        for one in (ADMIN, NORTHERN, staff(Role.FINANCE, channel_ids=None))
    ]
    assert southern + north == all_of_it
    assert north == 1
    events = """{ events(first: 500) {
      pageInfo { hasNextPage } position nodes { channelId streamId }
    } }"""
    page = (await world.northern.ask(events))["events"]
    assert {event["channelId"] for event in page["nodes"]} == {"north"}
    assert f"order-{world.carol}" in {event["streamId"] for event in page["nodes"]}
    assert page["position"] == str(world.house.platform.store.head())


COMMANDS: Final[list[tuple[str, str, JsonObject]]] = [
    ("cancelOrder", "ORDER_NOT_FOUND", {"reasonCode": "x"}),
    ("addOrderNote", "ORDER_NOT_FOUND", {"text": "x"}),
    ("assignCustomer", "ORDER_NOT_FOUND", {"customerId": "carol"}),
    ("recordLinesShipped", "ORDER_NOT_FOUND", {"lines": [], "ref": "x"}),
]


@pytest.mark.parametrize(("mutation", "code", "given"), COMMANDS)
async def test_nobody_writes_to_another_channel(
    world: World, mutation: str, code: str, given: JsonObject
) -> None:
    sees_both = staff(Role.ADMIN, channel_id="north", channel_ids=None)
    for one in (NORTHERN, sees_both):
        assert await world.house.by(one).codes(mutation, orderId=world.bob, **given) == [code]


async def test_payments_and_processes_of_another_channel_are_not_there(world: World) -> None:
    assert await world.northern.codes(
        "refundPayment", paymentId=world.bobs_payment, reasonCode="x"
    ) == ["PAYMENT_NOT_FOUND"]
    assert await world.northern.codes(
        "interveneInProcess",
        processId=f"process-placement-{world.bob}",
        action="RETRY",
        note="x",
    ) == ["PROCESS_NOT_FOUND"]


async def test_two_channels_import_from_systems_of_the_same_name(world: World) -> None:
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
        for one in (world.admin, world.northern)
    ]
    assert (first["channelId"], second["channelId"]) == ("default", "north")
    assert first["orderId"] != second["orderId"]
    assert await world.admin.codes("importOrder", **given) == ["ALREADY_EXISTS"]


async def test_a_channel_that_is_not_set_up_takes_no_orders(world: World) -> None:
    lost = world.house.by(staff(Role.ADMIN, channel_id="south", channel_ids=None))
    assert await lost.codes("createDraftOrder", currency="GBP") == ["CHANNEL_NOT_FOUND"]


async def test_stock_is_shared(world: World) -> None:
    query = '{ stockItem(sku: "TEA", warehouseId: "main") { onHand } }'
    assert await world.northern.ask(query) == await world.admin.ask(query)


def stumble(*_: object) -> None:
    raise ValueError("a note")


async def test_dead_letters_are_those_of_the_channel(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_id = await world.admin.draft()
    with monkeypatch.context() as fault:
        fault.setitem(cast("dict[object, object]", REACTIONS), OrderNoteAdded, stumble)
        await world.admin.done("addOrderNote", orderId=order_id, text="x")
        await world.house.platform.settled()
    letters = "{ deadLetters { nodes { projection key } } }"
    where = {"projection": "order_page", "key": order_id}
    assert (await world.northern.ask(letters))["deadLetters"]["nodes"] == []
    for mutation, more in ("replayDeadLetters", {}), ("discardDeadLetters", {"reason": "x"}):
        answer = await world.northern.ask(
            f"""mutation Act($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
              {mutation}(input: $input) {{ errors {{ code }} }}
            }}""",
            input={**where, **more},
        )
        assert answer[mutation]["errors"] == [{"code": "DEAD_LETTER_NOT_FOUND"}]
    assert (await world.admin.ask(letters))["deadLetters"]["nodes"] == [where]


# --- ids ---


@pytest.mark.parametrize("kind", ["Customer", "Order", "Payment", "Process", "StockItem"])
async def test_an_id_under_another_type_is_nothing_else(world: World, kind: str) -> None:
    """A key that belongs to one type finds nothing of another."""
    keys = {
        "Order": world.ada,
        "Customer": "ada",
        "Process": f"process-placement-{world.ada}",
        "StockItem": "stock-main-TEA",
    }
    for owner, key in keys.items():
        node = (
            await world.admin.ask(
                "query Node($id: ID!) { node(id: $id) { __typename } }", id=global_id(kind, key)
            )
        )["node"]
        assert node in ([{"__typename": kind}] if owner == kind else [None])


async def test_an_id_of_a_type_that_is_for_others_is_nothing(world: World) -> None:
    query = "query Node($id: ID!) { node(id: $id) { id } }"
    for key in ("StockItem", "stock-main-TEA"), ("Process", f"process-placement-{world.ada}"):
        assert (await world.ada_asks.ask(query, id=global_id(*key)))["node"] is None
