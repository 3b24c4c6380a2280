"""What every mutation promises: once per key, at the expected version, read what you wrote."""

import asyncio

from orderlog.domain.stock.commands import stock_stream
from tests.schema.api import LINE, Api, JsonObject


async def test_the_same_key_twenty_times_at_once_acts_once(any_api: Api) -> None:
    answers = await asyncio.gather(
        *(
            any_api.tell(
                "createDraftOrder",
                "order { orderId version }",
                currency="GBP",
                lines=[LINE],
                idempotencyKey="basket-7",
            )
            for _ in range(20)
        )
    )
    assert any_api.platform.store.head() == 2, "drafted, one line"
    assert sorted(answer.pop("replayed") for answer in answers) == [False] + [True] * 19
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["order"]["version"] == 2


async def test_a_key_belongs_to_one_input(api: Api) -> None:
    await api.done("createDraftOrder", currency="GBP", idempotencyKey="k")
    again = await api.tell("createDraftOrder", currency="EUR", idempotencyKey="k")
    (error,) = again["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert error["path"] == ["input", "idempotencyKey"]


async def test_a_key_belongs_to_one_mutation(api: Api) -> None:
    order_id = await api.draft(idempotencyKey="k")
    payload = await api.done("addOrderNote", orderId=order_id, text="x", idempotencyKey="k")
    assert not payload["replayed"]


async def test_what_was_refused_may_be_tried_again_with_its_key(api: Api) -> None:
    order_id = await api.draft(lines=None)
    refused = await api.tell("placeOrder", orderId=order_id, idempotencyKey="k")
    assert refused["errors"][0]["code"] == "ORDER_EMPTY"
    await api.done("addOrderLine", orderId=order_id, **LINE)
    assert not (await api.done("placeOrder", orderId=order_id, idempotencyKey="k"))["replayed"]


async def test_a_version_is_expected_and_moves_on(api: Api) -> None:
    order_id = await api.draft()
    note = {"orderId": order_id, "text": "first", "expectedVersion": 4}
    done = await api.done("addOrderNote", "order { version }", **note)
    assert done["order"]["version"] == 5
    (error,) = (await api.tell("addOrderNote", **note))["errors"]
    assert (error["expected"], error["current"], error["retryable"]) == ("4", "5", True)


async def test_nothing_changed_leaves_nothing_to_show(api: Api) -> None:
    order_id = await api.draft(lines=None)
    payload = await api.tell("placeOrder", "order { orderId }", orderId=order_id)
    assert payload["order"] is None
    assert payload["errors"]


async def test_a_draft_is_begun_with_everything_or_not_at_all(api: Api) -> None:
    lines = [LINE, {**LINE, "quantity": 0}]
    payload = await api.tell("createDraftOrder", currency="GBP", lines=lines)
    assert payload["errors"][0]["code"] == "INVALID_QUANTITY"
    assert api.platform.store.head() == 0


async def test_an_order_is_imported_once_at_its_historic_time(api: Api) -> None:
    imported = {
        "source": "till",
        "externalId": "536365",
        "placedAt": "2010-12-01T08:26:00Z",
        "currency": "GBP",
        "lines": [LINE],
        "customerId": "17850",
    }
    payload = await api.done("importOrder", "order { number placedAt externalId }", **imported)
    assert payload["order"] == {
        "number": "536365",
        "placedAt": "2010-12-01T08:26:00Z",
        "externalId": "536365",
    }
    (error,) = (await api.tell("importOrder", **imported))["errors"]
    assert error["code"] == "ALREADY_EXISTS"


async def test_an_order_goes_its_way_from_draft_to_return(api: Api) -> None:
    await api.stock("TEA", 100)
    order_id = await api.draft()
    (line_id,) = await api.line_ids(order_id)
    here: JsonObject = {"orderId": order_id}
    await api.done("changeOrderLineQuantity", **here, lineId=line_id, quantity=10)
    added = await api.done("addOrderLine", "order { lines { id } }", **here, **LINE)
    await api.done("removeOrderLine", **here, lineId=added["order"]["lines"][1]["id"])
    await api.done("assignCustomer", **here, customerId="ada")
    off = {"currency": "GBP", "amount": "1.00"}
    await api.done("applyDiscount", **here, kind="PERCENT", percentPpm=100_000)
    fixed = await api.done(
        "applyDiscount", "order { discounts { id } }", **here, kind="FIXED", amount=off
    )
    await api.done("removeDiscount", **here, discountId=fixed["order"]["discounts"][1]["id"])
    total = {"currency": "GBP", "amount": "26.45"}
    placed = await api.done("placeOrder", "order { total { amount } }", **here, expectedTotal=total)
    assert placed["order"]["total"]["amount"] == "26.45"
    await api.platform.settled()

    def units(quantity: int) -> JsonObject:
        return {**here, "lines": [{"lineId": line_id, "quantity": quantity}]}

    await api.done("cancelOrderLines", **units(1), reasonCode="changed-mind")
    await api.done("recordLinesShipped", **units(9), ref="parcel-1")
    await api.done("recordLinesDelivered", **units(9), ref="parcel-1")
    await api.done("recordLinesReturned", **units(2), ref="return-1")
    note = await api.done("addOrderNote", "order { notes { id text } }", **here, text="fragile")
    note_id = note["order"]["notes"][0]["id"]
    redacted = await api.done("redactOrderNote", "order { notes { text } }", **here, noteId=note_id)
    assert redacted["order"]["notes"] == [{"text": None}]
    query = """
      query Lines($id: ID!) {
        order(id: $id) { lines { quantity cancelled shipped delivered returned open } }
      }
    """
    (line,) = (await api.ask(query, id=order_id))["order"]["lines"]
    assert line == {
        "quantity": 10,
        "cancelled": 1,
        "shipped": 9,
        "delivered": 9,
        "returned": 2,
        "open": 0,
    }


async def test_stock_goes_its_way_from_the_shelf_to_the_customer(api: Api) -> None:
    await api.stock("TEA", 100)
    order_id = await api.draft()
    (line_id,) = await api.line_ids(order_id)
    tea: JsonObject = {"sku": "TEA", "warehouseId": "main"}
    held = {**tea, "reservationId": order_id}
    await api.done("reserveStock", **held, orderId=order_id, lineId=line_id, quantity=10)
    await api.done("extendReservation", **held, expiresAt="2030-01-01T00:00:00Z")
    await api.done("commitReservation", **held)
    await api.done("shipStock", **held, quantity=6)
    await api.done("releaseReservation", **held, reason="CANCELLED")
    await api.done("restockReturn", **tea, returnId="return-1", quantity=1)
    await api.done("writeOffStock", **tea, quantity=2, reasonCode="broken")
    count = {"counted": 90, "countedFrom": 93, "reasonCode": "count"}
    done = await api.done(
        "adjustStock", "stockItem { id onHand reserved available }", **tea, **count
    )
    stock = done["stockItem"]
    assert (stock["onHand"], stock["reserved"], stock["available"]) == (90, 0, 90)
    assert stock_stream("main", "TEA") == "stock-main-TEA"


async def test_money_is_given_back_on_request(api: Api) -> None:
    await api.stock("TEA", 100)
    order_id = await api.confirmed()
    query = "query Q($id: ID!) { order(id: $id) { paymentStatus payments { id } } }"
    payment_id = (await api.ask(query, id=order_id))["order"]["payments"][0]["id"]
    part = {"currency": "GBP", "amount": "3.95"}
    refund = {"paymentId": payment_id, "amount": part, "reasonCode": "late"}
    await api.done("refundPayment", "payment { status }", **refund)
    await api.platform.settled()
    order = (await api.ask(query, id=order_id))["order"]
    assert order["paymentStatus"] == "PARTIALLY_REFUNDED"


async def test_an_order_is_called_off_and_paid_back(api: Api) -> None:
    await api.stock("TEA", 100)
    order_id = await api.confirmed()
    cancelled = await api.done(
        "cancelOrder", "order { lifecycle allowedActions }", orderId=order_id, reasonCode="late"
    )
    assert cancelled["order"] == {"lifecycle": "CANCELLED", "allowedActions": ["ADD_NOTE"]}
    await api.platform.settled()
    query = "query Q($id: ID!) { order(id: $id) { paymentStatus closingReason } }"
    order = (await api.ask(query, id=order_id))["order"]
    assert order == {"paymentStatus": "REFUNDED", "closingReason": "late"}


async def test_a_draft_is_thrown_away(api: Api) -> None:
    order_id = await api.draft()
    done = await api.done("discardDraft", "order { lifecycle }", orderId=order_id, reason="oops")
    assert done["order"] == {"lifecycle": "DISCARDED"}


async def test_an_order_that_stock_cannot_cover_says_what_is_short(api: Api) -> None:
    await api.stock("TEA", 1)
    order_id = await api.confirmed()
    query = """
      query Q($id: ID!) {
        order(id: $id) { lifecycle closingReason shortages { sku requested available } }
      }
    """
    order = (await api.ask(query, id=order_id))["order"]
    assert order["lifecycle"] == "REJECTED"
    assert order["closingReason"] == "INSUFFICIENT_STOCK"
    assert order["shortages"] == [{"sku": "TEA", "requested": 2, "available": 1}]


async def test_what_is_authorized_is_captured_or_voided_on_demand(api: Api) -> None:
    await api.stock("TEA", 100)
    payment_id = await api.authorized()
    await api.done("capturePayment", paymentId=payment_id)
    await api.platform.settled()
    await api.done("voidPayment", paymentId=payment_id)
    await api.platform.settled()
    types = [recorded.event.TOPIC for recorded in api.platform.store.page(0)]
    assert types.count("CaptureRequested") == types.count("CaptureFailed") == 2
    assert types[-1] == "PaymentVoided"
