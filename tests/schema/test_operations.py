"""Every example in schema/operations is executed as it stands."""

from pathlib import Path
from typing import Final

import pytest
from graphql import OperationDefinitionNode, parse

from tests.schema.api import ADDRESS, LINE, METHOD, Api, JsonObject

FOLDER: Final = Path(__file__).parents[2] / "schema/operations"
OPERATIONS: Final = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.graphql"))}
PRICE: Final = {"currency": "GBP", "amount": "8.95"}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_file_holds_one_operation_of_its_own_name_and_explains_it(name: str) -> None:
    (operation,) = parse(OPERATIONS[name]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value == name
    assert OPERATIONS[name].startswith("# ")


async def run(api: Api, name: str, **variables: object) -> JsonObject:
    return await api.ask(OPERATIONS[name], **variables)


async def watch(api: Api, name: str, **variables: object) -> JsonObject:
    async with api.socket() as socket:
        await socket.subscribe(OPERATIONS[name], "1", after="0", **variables)
        return await socket.next()


async def test_the_examples_tell_a_story(any_api: Api) -> None:
    api, ran = any_api, set[str]()

    async def done(name: str, **given: object) -> JsonObject:
        ran.add(name)
        (payload,) = (await run(api, name, input=given)).values()
        assert payload["errors"] == []
        answer: JsonObject = payload
        return answer

    async def asked(name: str, **variables: object) -> JsonObject:
        ran.add(name)
        return await run(api, name, **variables)

    async def watched(name: str, **variables: object) -> JsonObject:
        ran.add(name)
        return await watch(api, name, **variables)

    await api.done("registerStockItem", sku="TEA", warehouseId="main")
    tea = {"sku": "TEA", "warehouseId": "main"}
    received = await done("ReceiveStock", **tea, quantity=100, reference="delivery-1")
    assert received["stockItem"]["available"] == 100
    drafted = await done(
        "CreateDraftOrder",
        currency="GBP",
        customerId="ada",
        lines=[LINE],
        addresses=[ADDRESS],
        shippingMethod=METHOD,
        idempotencyKey="basket-7",
    )
    order_id = drafted["order"]["id"]
    placed = await done("PlaceOrder", orderId=order_id, expectedTotal=PRICE)
    assert placed["order"]["number"]
    await api.platform.settled()

    order = (await asked("Order", id=order_id, minPosition=placed["position"]))["order"]
    assert (order["lifecycle"], order["customerName"]) == ("CONFIRMED", ADDRESS["name"])
    found = await asked("Orders", first=10, filter={"lifecycle": ["CONFIRMED"]}, sort="TOTAL_DESC")
    assert [node["id"] for node in found["orders"]["nodes"]] == [order_id]
    export = (await asked("ExportOrders", format="CSV"))["exportOrders"]
    assert placed["order"]["number"] in (await api.http.get(export["url"])).text
    assert (await asked("Customer", id="ada", first=1))["customer"]["ordersPlaced"] == 1
    (shelf,) = (await asked("StockItems", search="TE"))["stockItems"]["nodes"]
    assert (shelf["onHand"], shelf["reserved"]) == (100, 2)
    (month,) = (await asked("SalesByPeriod", period="MONTH"))["salesByPeriod"]
    assert (month["orders"], month["revenue"]["amount"]) == (1, "8.95")
    placements = (await asked("Events", types=["OrderPlaced"]))["events"]["nodes"]
    assert [event["type"] for event in placements] == ["OrderPlaced"]
    assert {row["lag"] for row in (await asked("Projections"))["projections"]} == {"0"}
    process = (await asked("Process", orderId=order_id))["process"]
    assert (process["status"], process["outcome"]) == ("COMPLETED", "SUCCEEDED")
    drafted_event = (await watched("OrderEvents", orderId=order_id))["orderEvents"]
    assert drafted_event["type"] == "OrderDrafted"
    assert (await watched("OrderChanged"))["orderChanged"]["order"]["id"] == order_id
    stock = (await watched("StockChanged", sku="TEA"))["stockChanged"]["stockItem"]
    assert stock["available"] == 98

    cancelled = (await done("CancelOrder", orderId=order_id, reasonCode="changed-mind"))["order"]
    assert cancelled["lifecycle"] == "CANCELLED"
    then = (await asked("OrderAsOf", id=order_id, asOf={"position": placed["position"]}))["order"]
    assert (then["lifecycle"], then["payments"], then["process"]) == ("PENDING", [], None)
    ran |= await nothing_is_stuck(api, process["id"])
    ran |= await nothing_is_parked(api, order_id)
    assert ran == set(OPERATIONS), "every example is a part of the story"


async def nothing_is_stuck(api: Api, process_id: str) -> set[str]:
    """The examples that this takes."""
    decision = {"processId": process_id, "action": "RETRY", "note": "again"}
    payload = (await run(api, "InterveneInProcess", input=decision))["interveneInProcess"]
    assert payload["errors"][0]["allowed"] == ["STUCK"]
    return {"InterveneInProcess"}


async def nothing_is_parked(api: Api, order_id: str) -> set[str]:
    """The examples that this takes."""
    assert (await run(api, "DeadLetters"))["deadLetters"]["nodes"] == []
    which = {"projection": "order_list", "key": order_id}
    payload = (await run(api, "ReplayDeadLetters", input=which))["replayDeadLetters"]
    assert payload["errors"][0]["code"] == "DEAD_LETTER_NOT_FOUND"
    return {"DeadLetters", "ReplayDeadLetters"}
