"""Orders told and asked through the API, on both databases where SQL is in play."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, cast

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type, is_leaf_type
from sqlalchemy import event

from orderlog_schema.relay import global_id
from orderlog_schema.schema import build_schema
from tests.schema.api import ADDRESS, LINE, NOWHERE, Api, JsonObject

PAGE: Final = """
  query Page(
    $first: Int, $after: String, $last: Int, $before: String,
    $filter: OrderFilter, $sort: OrderSort, $minPosition: Position
  ) {
    orders(
      first: $first, after: $after, last: $last, before: $before,
      filter: $filter, sort: $sort, minPosition: $minPosition
    ) {
      edges { cursor node { orderId number total { amount } } }
      nodes { orderId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount totalCountIsCapped position isStale
    }
  }
"""


async def page(api: Api, **variables: object) -> JsonObject:
    connection: JsonObject = (await api.ask(PAGE, **variables))["orders"]
    return connection


def ids(connection: JsonObject) -> list[str]:
    return [node["orderId"] for node in connection["nodes"]]


async def test_a_draft_with_everything_is_placed_and_shown(any_api: Api) -> None:
    await any_api.stock("TEA", 10)
    order_id = await any_api.confirmed()
    query = """
      query Order($id: ID!) {
        order(id: $id) {
          number lifecycle paymentStatus fulfillmentStatus version
          customerName guestEmail allowedActions
          total { amount amountMinor exponent currency }
          subtotal { amount } shippingTotal { amount } taxTotal { amount } paid { amount }
          lines { sku quantity open unitPrice { amount scale currency } total { amount } }
          addresses { kind name city country }
          payments { status captured { amount } }
          process { status outcome steps { name status attempts } }
          history(first: 100) { nodes { type } pageInfo { hasNextPage } }
        }
      }
    """
    order = (await any_api.ask(query, id=order_id))["order"]
    history = [one["type"] for one in order.pop("history")["nodes"]]
    assert history[:2] == ["OrderDrafted", "OrderLineAdded"]
    assert {"OrderPlaced", "PaymentAuthorized", "OrderConfirmed", "PaymentCaptured"} < {*history}
    steps = order["process"].pop("steps")
    assert {step["status"] for step in steps} == {"SUCCEEDED"}
    assert order == {
        "number": "1001",
        "lifecycle": "CONFIRMED",
        "paymentStatus": "PAID",
        "fulfillmentStatus": "UNFULFILLED",
        "version": 6,
        "customerName": "Ada Lovelace",
        "guestEmail": "ada@example.org",
        "allowedActions": ["CANCEL", "CANCEL_LINES", "SHIP", "DELIVER", "RETURN", "ADD_NOTE"],
        "total": {"amount": "8.95", "amountMinor": "895", "exponent": 2, "currency": "GBP"},
        "subtotal": {"amount": "5.00"},
        "shippingTotal": {"amount": "3.95"},
        "taxTotal": {"amount": "0.00"},
        "paid": {"amount": "8.95"},
        "lines": [
            {
                "sku": "TEA",
                "quantity": 2,
                "open": 2,
                "unitPrice": {"amount": "2.50", "scale": 2, "currency": "GBP"},
                "total": {"amount": "5.00"},
            }
        ],
        "addresses": [
            {"kind": "SHIPPING", "name": "Ada Lovelace", "city": "London", "country": "GB"}
        ],
        "payments": [{"status": "CAPTURED", "captured": {"amount": "8.95"}}],
        "process": {"status": "COMPLETED", "outcome": "SUCCEEDED"},
    }


async def test_paging_visits_every_order_once_in_both_directions(any_api: Api) -> None:
    for quantity in range(1, 8):
        await any_api.draft(lines=[{**LINE, "quantity": quantity}])
    for sort in ("PLACED_AT_DESC", "TOTAL_ASC", "UPDATED_AT_ASC"):
        whole = ids(await page(any_api, first=100, sort=sort))
        assert len(set(whole)) == 7
        forwards: list[str] = []
        cursor = None
        while True:
            part = await page(any_api, first=3, after=cursor, sort=sort)
            forwards += ids(part)
            cursor = part["pageInfo"]["endCursor"]
            if not part["pageInfo"]["hasNextPage"]:
                break
        assert forwards == whole
        back = await page(any_api, last=4, before=cursor, sort=sort)
        assert ids(back) == whole[2:6]


async def test_a_cursor_of_one_order_does_not_fit_another(api: Api) -> None:
    await api.draft()
    cursor = (await page(api, first=1))["pageInfo"]["endCursor"]
    response = await api.post(PAGE, after=cursor, sort="TOTAL_ASC")
    assert response["errors"][0]["extensions"]["code"] == "INVALID_CURSOR"


async def test_filters_hold_together(any_api: Api) -> None:
    await any_api.stock("TEA", 100)
    confirmed = await any_api.confirmed(lines=[{**LINE, "quantity": 4}])
    draft = await any_api.draft()
    of_ada = await any_api.draft(customerId="ada", guestEmail=None)
    number = (await page(any_api))["edges"]
    (placed,) = [e["node"]["number"] for e in number if e["node"]["orderId"] == confirmed]
    wanted: list[tuple[JsonObject, set[str]]] = [
        ({"lifecycle": ["CONFIRMED"]}, {confirmed}),
        ({"lifecycle": ["DRAFT", "PENDING"]}, {draft, of_ada}),
        ({"lifecycle": []}, set()),
        ({"paymentStatus": ["PAID"], "fulfillmentStatus": ["UNFULFILLED"]}, {confirmed}),
        ({"paymentStatus": ["PAID"], "lifecycle": ["DRAFT"]}, set()),
        ({"customerId": "ada"}, {of_ada}),
        ({"customerId": global_id("Customer", "ada")}, {of_ada}),
        ({"number": placed}, {confirmed}),
        ({"numberPrefix": placed[:2]}, {confirmed}),
        ({"sku": "TEA"}, {confirmed}),
        ({"totalMin": "1000"}, {confirmed}),
        ({"totalMax": "999", "currency": "GBP"}, {draft, of_ada}),
        ({"currency": "EUR"}, set()),
        ({"placedFrom": "2020-01-01T00:00:00Z"}, {confirmed}),
        ({"placedBefore": "2020-01-01T00:00:00+01:00"}, set()),
    ]
    for where, expected in wanted:
        found = await page(any_api, filter=where)
        assert set(ids(found)) == expected, where
        assert found["totalCount"] == len(expected)


@contextmanager
def counted_statements(api: Api) -> Generator[list[str]]:
    """The SELECTs that read models are asked with, by those who answer."""
    statements: list[str] = []
    engine = api.platform.database._readers  # pyright: ignore[reportPrivateUsage] - to listen in

    def count(*arguments: object) -> None:
        statement = str(arguments[2])
        is_asked = threading.current_thread().name not in {"orderlog-follower", "projections"}
        if is_asked and statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", count)


async def test_a_list_with_lines_costs_the_same_for_one_order_and_for_fifty(any_api: Api) -> None:
    for _ in range(50):
        await any_api.draft()
    query = """
      query Lines($first: Int) {
        orders(first: $first) { nodes { number lines { sku } notes { text } subtotal { amount } } }
      }
    """

    async def counts() -> dict[int, int]:
        found: dict[int, int] = {}
        for first in (1, 50):
            with counted_statements(any_api) as statements:
                orders = (await any_api.ask(query, first=first))["orders"]["nodes"]
            assert len(orders) == first
            found[first] = len(statements)
        return found

    assert await counts() == {1: 2, 50: 2}, "the list and its position; pages are remembered"
    any_api.platform.projections.refresh()
    assert await counts() == {1: 3, 50: 3}, "the list, its position, and all pages together"


async def test_what_a_list_shows_needs_no_page(api: Api) -> None:
    await api.draft()
    with counted_statements(api) as statements:
        await api.ask("{ orders { nodes { number lifecycle itemCount total { amount } } } }")
    assert not any("order_page" in statement for statement in statements)


async def test_counting_is_done_only_where_it_is_asked_for(api: Api) -> None:
    with counted_statements(api) as plain:
        await api.ask("{ orders { nodes { number } } }")
    with counted_statements(api) as counted:
        await api.ask(
            "query Q { orders { ...Count } } fragment Count on OrderConnection { totalCount }"
        )
    assert len(counted) == len(plain) + 1


async def test_who_writes_reads_what_was_written(any_api: Api) -> None:
    created = await any_api.done("createDraftOrder", currency="GBP")
    found = await page(any_api, minPosition=created["position"])
    assert len(ids(found)) == 1
    assert not found["isStale"]
    assert int(found["position"]) >= int(created["position"])


async def test_a_read_model_that_is_late_says_so(api: Api) -> None:
    order_id = await api.draft()
    query = "query Q($id: ID!, $p: Position) { order(id: $id, minPosition: $p) { isStale } }"
    assert (await api.ask(query, id=order_id, p="1000000"))["order"]["isStale"]


async def test_an_order_is_found_by_either_id_and_by_node(api: Api) -> None:
    order_id = await api.draft()
    query = "query Q($id: ID!) { order(id: $id) { id orderId } }"
    order = (await api.ask(query, id=order_id))["order"]
    assert (await api.ask(query, id=order["id"]))["order"] == order
    assert (await api.ask(query, id=order_id.upper()))["order"] == order
    assert (await api.ask(query, id=NOWHERE))["order"] is None
    node = "query N($id: ID!) { node(id: $id) { __typename id ... on Order { orderId } } }"
    assert (await api.ask(node, id=order["id"]))["node"] == {"__typename": "Order", **order}


async def test_every_kind_of_node_is_found_again(any_api: Api) -> None:
    await any_api.stock("TEA", 10)
    order_id = await any_api.confirmed(customerId="ada", guestEmail=None)
    query = """
      query Everything($id: ID!) {
        order(id: $id) { id payments { id } process { id } }
        customer(id: "ada") {
          id ordersPlaced totals { currency orders total { amount } }
          orders(first: 1) { totalCount nodes { orderId lines { sku } } }
        }
        stockItem(sku: "TEA", warehouseId: "main") { id onHand reserved available }
      }
    """
    found = await any_api.ask(query, id=order_id)
    assert found["customer"]["ordersPlaced"] == 1
    assert found["customer"]["totals"] == [
        {"currency": "GBP", "orders": 1, "total": {"amount": "8.95"}}
    ]
    assert found["customer"]["orders"] == {
        "totalCount": 1,
        "nodes": [{"orderId": order_id, "lines": [{"sku": "TEA"}]}],
    }
    stock = found["stockItem"]
    assert (stock["onHand"], stock["reserved"], stock["available"]) == (10, 2, 8)
    order = found["order"]
    known = {
        "Order": order["id"],
        "Payment": order["payments"][0]["id"],
        "Process": order["process"]["id"],
        "Customer": found["customer"]["id"],
        "StockItem": stock["id"],
    }
    gone = global_id("Order", NOWHERE)
    query = "query Nodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    nodes = (await any_api.ask(query, ids=[*known.values(), gone]))["nodes"]
    assert nodes == [*({"__typename": kind, "id": key} for kind, key in known.items()), None]


async def test_sales_are_told_by_day_and_by_month(any_api: Api) -> None:
    await any_api.stock("TEA", 10)
    for month, external_id in (("01", "1"), ("01", "2"), ("03", "3")):
        await any_api.done(
            "importOrder",
            source="till",
            externalId=external_id,
            placedAt=f"2011-{month}-0{external_id}T10:00:00Z",
            currency="GBP",
            lines=[LINE],
            customerId="ada",
        )
    await any_api.platform.settled()
    query = """
      query Sales($period: SalesPeriod!, $from: Date, $to: Date) {
        salesByPeriod(period: $period, from: $from, to: $to, currency: "GBP") {
          period orders units revenue { amount }
        }
      }
    """

    async def sales(**variables: object) -> list[tuple[str, int, str]]:
        rows = (await any_api.ask(query, **variables))["salesByPeriod"]
        return [(row["period"], row["orders"], row["revenue"]["amount"]) for row in rows]

    assert await sales(period="MONTH") == [("2011-01", 2, "10.00"), ("2011-03", 1, "5.00")]
    assert await sales(period="DAY", **{"from": "2011-01-02", "to": "2011-02-01"}) == [
        ("2011-01-02", 1, "5.00")
    ]


async def test_the_log_is_read_on_from_a_position(any_api: Api) -> None:
    await any_api.draft()
    query = """
      query Events($after: Position, $first: Int, $types: [String!]) {
        events(after: $after, first: $first, types: $types) {
          nodes { position type streamId version actor { kind id } data }
          position pageInfo { hasNextPage }
        }
        head
      }
    """
    seen: list[str] = []
    after = "0"
    while True:
        found = await any_api.ask(query, after=after, first=2)
        seen += [one["type"] for one in found["events"]["nodes"]]
        after = found["events"]["position"]
        if not found["events"]["pageInfo"]["hasNextPage"]:
            break
    assert seen == ["OrderDrafted", "OrderLineAdded", "OrderAddressSet", "ShippingMethodSelected"]
    assert after == found["head"]
    some = (await any_api.ask(query, types=["OrderAddressSet"]))["events"]
    assert some["position"] == found["head"], "who asks for a rare type need not read all again"
    (only,) = some["nodes"]
    assert only["data"]["country"] == "GB"
    assert ADDRESS["name"] not in str(only), "what is personal is sealed"


async def test_the_read_models_say_how_far_they_are(api: Api) -> None:
    await api.draft()
    await api.platform.settled()
    rows = (await api.ask("{ projections { name position head lag error } head }"))["projections"]
    assert {row["name"] for row in rows} >= {"order_list", "order_page", "stock_levels"}
    assert {(row["lag"], row["error"]) for row in rows} == {("0", None)}


async def test_stock_is_searched_by_the_beginning_of_its_sku(any_api: Api) -> None:
    for sku in ("TEA-1", "TEA-2", "COFFEE"):
        await any_api.stock(sku, 1)
    query = """
      query Stock($search: String) {
        stockItems(search: $search) { totalCount nodes { sku } edges { cursor } }
      }
    """
    found = (await any_api.ask(query, search="TEA"))["stockItems"]
    assert (found["totalCount"], [node["sku"] for node in found["nodes"]]) == (
        2,
        ["TEA-1", "TEA-2"],
    )


async def test_what_a_list_does_not_hold_is_loaded_with_it(api: Api) -> None:
    """Each field of an order for itself: none counts on another to have its page loaded."""
    await api.confirmed()
    order = build_schema().graphql.type_map["Order"]
    assert isinstance(order, GraphQLObjectType)
    for name, field in order.fields.items():
        shown = cast("GraphQLNamedType", get_named_type(field.type))
        inner = "" if is_leaf_type(shown) else "{ __typename }"
        await api.ask(f"{{ orders(first: 1) {{ edges {{ node {{ {name} {inner} }} }} }} }}")
