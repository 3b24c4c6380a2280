"""To a customer the orders of others look as if they did not exist."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Final

import pytest

from orderlog_schema.relay import global_id
from tests.schema.api import LINE, NOWHERE
from tests.schema.asking import Asker, JsonObject
from tests.schema.tenants import (
    ADA,
    ADMIN,
    BOB,
    CAROL,
    House,
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


async def test_lists_hold_what_is_theirs(house: House) -> None:
    assert house.ada.order in await house.by(ADA).sees()
    assert not {house.bob.order, house.carol.order} & await house.by(ADA).sees()
    assert {house.ada.order, house.bob.order} <= await house.by(ADMIN).sees()
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
