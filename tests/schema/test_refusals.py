"""What bad input gets: every code that these commands know, through the HTTP endpoint."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.schema.api import ADDRESS, LINE, METHOD, NOWHERE, Api, JsonObject, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Stage:
    """Orders in the states that refusals need; each row leaves them as they are."""

    api: Api
    draft: str
    draft_line: str
    empty: str
    addressless: str
    methodless: str
    ownerless: str
    confirmed: str
    shipped: str
    shipped_line: str
    payment: str
    uncaptured: str

    def head(self) -> int:
        return self.api.platform.store.head()


async def prepare(api: Api) -> Stage:
    await api.stock("TEA", 1_000)
    shipped = await api.confirmed()
    (shipped_line,) = await api.line_ids(shipped)
    lines = [{"lineId": shipped_line, "quantity": 1}]
    await api.done("recordLinesShipped", orderId=shipped, lines=lines, ref="parcel-1")
    confirmed = await api.confirmed()
    (payment,) = await api.payment_ids(confirmed)
    draft = await api.draft()
    return Stage(
        api=api,
        draft=draft,
        draft_line=(await api.line_ids(draft))[0],
        empty=await api.draft(lines=None),
        addressless=await api.draft(addresses=None),
        methodless=await api.draft(shippingMethod=None),
        ownerless=await api.draft(guestEmail=None),
        confirmed=confirmed,
        shipped=shipped,
        shipped_line=shipped_line,
        payment=payment,
        uncaptured=await api.authorized(),
    )


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    folder = tmp_path_factory.mktemp("refusals")
    async with serving(f"sqlite:///{folder}/orderlog.db") as api:
        yield await prepare(api)


@dataclass
class Row:
    """A mutation, its input, and what must come of it."""

    mutation: str
    given: Callable[[Stage], JsonObject]
    code: str
    path: str
    more: JsonObject


ROWS: list[Any] = []


def refused(
    mutation: str,
    given: Callable[[Stage], JsonObject],
    code: str,
    path: str | None = None,
    name: str = "",
    **more: object,
) -> None:
    """Adds a row. `more` are fields of the error, or of its details."""
    row = Row(mutation, given, code, "input" if path is None else f"input.{path}", dict(more))
    ROWS.append(pytest.param(row, id=f"{code}-{name or mutation}"))


def line(**changes: object) -> JsonObject:
    return {**LINE, **changes}


def price(**amount: object) -> JsonObject:
    return {"currency": "GBP", **amount}


def added(**changes: object) -> Callable[[Stage], JsonObject]:
    """A line added to the draft, with something wrong with it."""
    return lambda s: {"orderId": s.draft, **line(**changes)}


def priced(**amount: object) -> Callable[[Stage], JsonObject]:
    return added(unitPrice=price(**amount))


LOTS = {"min": "1", "max": "1000000"}
MAIN = {"sku": "TEA", "warehouseId": "main"}
COFFEE = {"sku": "COFFEE", "warehouseId": "main"}

refused("placeOrder", lambda _: {"orderId": NOWHERE}, "ORDER_NOT_FOUND", "orderId")
refused("addOrderNote", lambda _: {"orderId": NOWHERE, "text": "?"}, "ORDER_NOT_FOUND", "orderId")
refused(
    "changeOrderLineQuantity",
    lambda s: {"orderId": s.draft, "lineId": NOWHERE, "quantity": 1},
    "LINE_NOT_FOUND",
    "lineId",
)
refused(
    "cancelOrderLines",
    lambda s: {
        "orderId": s.confirmed,
        "lines": [{"lineId": NOWHERE, "quantity": 1}],
        "reasonCode": "x",
    },
    "LINE_NOT_FOUND",
    "lines",
    "units",
)
refused(
    "receiveStock", lambda _: {**COFFEE, "quantity": 1, "reference": "x"}, "SKU_NOT_FOUND", "sku"
)
refused(
    "registerStockItem",
    lambda _: {"sku": "TEA", "warehouseId": "moon"},
    "WAREHOUSE_NOT_FOUND",
    "warehouseId",
    "register",
)
refused(
    "receiveStock",
    lambda _: {"sku": "TEA", "warehouseId": "moon", "quantity": 1, "reference": "x"},
    "WAREHOUSE_NOT_FOUND",
    "warehouseId",
    "receive",
)
refused("capturePayment", lambda _: {"paymentId": NOWHERE}, "PAYMENT_NOT_FOUND", "paymentId")
refused(
    "shipStock",
    lambda _: {**MAIN, "reservationId": NOWHERE, "quantity": 1},
    "RESERVATION_NOT_FOUND",
    "reservationId",
)
refused(
    "interveneInProcess",
    lambda _: {"processId": f"process-placement-{NOWHERE}", "action": "RETRY", "note": "x"},
    "PROCESS_NOT_FOUND",
    "processId",
)
refused(
    "removeDiscount",
    lambda s: {"orderId": s.draft, "discountId": NOWHERE},
    "DISCOUNT_NOT_FOUND",
    "discountId",
)
refused(
    "redactOrderNote", lambda s: {"orderId": s.draft, "noteId": NOWHERE}, "NOTE_NOT_FOUND", "noteId"
)
refused("registerStockItem", lambda _: MAIN, "ALREADY_EXISTS", "sku", "stock")
refused(
    "createDraftOrder",
    lambda s: {"orderId": s.draft, "currency": "GBP"},
    "ALREADY_EXISTS",
    "orderId",
    "order",
)

refused("placeOrder", lambda _: {"orderId": "order-1"}, "INVALID_ID", "orderId", "no-uuid")
refused("placeOrder", lambda s: {"orderId": s.payment}, "INVALID_ID", "orderId", "other-type")
refused("createDraftOrder", lambda _: {"currency": "GBP", "orderId": "1"}, "INVALID_ID", "orderId")
refused("addOrderLine", added(lineId="first"), "INVALID_ID", "lineId", "line")

refused("addOrderLine", added(quantity=0), "INVALID_QUANTITY", "quantity", "zero", **LOTS)
refused("addOrderLine", added(quantity=-1), "INVALID_QUANTITY", "quantity", "negative", **LOTS)
refused("addOrderLine", added(quantity=1_000_001), "INVALID_QUANTITY", "quantity", "huge", **LOTS)
refused(
    "createDraftOrder",
    lambda _: {"currency": "GBP", "lines": [LINE, line(quantity=0)]},
    "INVALID_QUANTITY",
    "lines.1.quantity",
    "second-line",
    **LOTS,
)
refused(
    "receiveStock",
    lambda _: {**MAIN, "quantity": 0, "reference": "x"},
    "INVALID_QUANTITY",
    "quantity",
    "stock",
    **LOTS,
)
refused(
    "recordLinesShipped",
    lambda s: {"orderId": s.confirmed, "lines": [{"lineId": NOWHERE, "quantity": 0}], "ref": "x"},
    "INVALID_QUANTITY",
    "lines.0.quantity",
    "units",
    **LOTS,
)

refused("addOrderLine", priced(amount=2.5), "INVALID_AMOUNT", "unitPrice", "float")
refused("addOrderLine", priced(amount=2), "INVALID_AMOUNT", "unitPrice", "integer")
refused("addOrderLine", priced(amount="NaN"), "INVALID_AMOUNT", "unitPrice", "nan")
refused("addOrderLine", priced(amount="Infinity"), "INVALID_AMOUNT", "unitPrice", "infinity")
refused("addOrderLine", priced(amount="1e3"), "INVALID_AMOUNT", "unitPrice", "exponent")
refused("addOrderLine", priced(amount="1,50"), "INVALID_AMOUNT", "unitPrice", "comma")
refused("addOrderLine", priced(amount=" 1"), "INVALID_AMOUNT", "unitPrice", "space")
refused("addOrderLine", priced(amount="\u0661"), "INVALID_AMOUNT", "unitPrice", "arabic-digit")
refused("addOrderLine", priced(amount=""), "INVALID_AMOUNT", "unitPrice", "empty")
refused("addOrderLine", priced(), "INVALID_AMOUNT", "unitPrice", "neither")
refused(
    "addOrderLine",
    priced(amount="1", amountMinor="100"),
    "INVALID_AMOUNT",
    "unitPrice",
    "both",
)
refused(
    "addOrderLine",
    priced(amount="0.0000001"),
    "AMOUNT_PRECISION",
    "unitPrice",
    "price",
    maxScale=6,
)
refused(
    "selectShippingMethod",
    lambda s: {"orderId": s.draft, **METHOD, "price": price(amount="3.955")},
    "AMOUNT_PRECISION",
    "price",
    "money",
    maxScale=2,
)
refused("addOrderLine", priced(amount="-0.01"), "NEGATIVE_PRICE", "unitPrice")
refused("addOrderLine", priced(amountMinor="-1"), "NEGATIVE_PRICE", "unitPrice", "minor")
refused("createDraftOrder", lambda _: {"currency": "XYZ"}, "UNKNOWN_CURRENCY", "", "draft")
refused(
    "addOrderLine",
    added(unitPrice={"currency": "gbp", "amount": "1"}),
    "UNKNOWN_CURRENCY",
    "unitPrice",
    "lower-case",
)
refused(
    "addOrderLine",
    added(unitPrice={"currency": "EUR", "amount": "1"}),
    "CURRENCY_MISMATCH",
    None,
    expected="GBP",
    actual="EUR",
)
EUROS = {"currency": "EUR", "amount": "1.00"}
refused(
    "placeOrder",
    lambda s: {"orderId": s.draft, "expectedTotal": EUROS},
    "CURRENCY_MISMATCH",
    "expectedTotal",
)
refused(
    "applyDiscount",
    lambda s: {"orderId": s.draft, "kind": "FIXED", "amount": EUROS},
    "CURRENCY_MISMATCH",
    "amount",
)
refused(
    "cancelOrder",
    lambda s: {"orderId": s.confirmed, "reasonCode": "x", "refund": "AMOUNT", "amount": EUROS},
    "CURRENCY_MISMATCH",
    "amount",
)
refused(
    "refundPayment",
    lambda s: {"paymentId": s.payment, "reasonCode": "x", "amount": EUROS},
    "CURRENCY_MISMATCH",
    "amount",
)
refused("addOrderLine", priced(amountMinor=str(2**63)), "MONEY_OVERFLOW", "unitPrice", "price")
refused(
    "addOrderLine",
    added(unitPrice=price(amountMinor=str(2**62)), quantity=1_000_000),
    "MONEY_OVERFLOW",
    None,
    "line",
)
refused(
    "importOrder",
    lambda _: {
        "source": "x",
        "externalId": "1",
        "placedAt": "2011-01-01T00:00:00Z",
        "currency": "GBP",
        "lines": [LINE] * 2_001,
    },
    "TOO_MANY_LINES",
    "lines",
    max=2_000,
)
refused("addOrderLine", added(sku=" tea"), "INVALID_VALUE", "sku", "sku")
refused("addOrderLine", added(title=" "), "INVALID_VALUE", "title", "title")
refused("addOrderLine", added(taxRatePpm=1_000_001), "INVALID_VALUE", "taxRatePpm", "tax")
refused(
    "registerStockItem",
    lambda _: {"sku": "TEA", "warehouseId": "a-b"},
    "INVALID_VALUE",
    "warehouseId",
    "warehouse",
)
refused(
    "applyDiscount",
    lambda s: {"orderId": s.draft, "kind": "PERCENT", "percentPpm": 1_000_001},
    "INVALID_DISCOUNT",
    "percentPpm",
    "too-much",
)
refused(
    "applyDiscount",
    lambda s: {"orderId": s.draft, "kind": "FIXED", "amount": price(amount="0")},
    "INVALID_DISCOUNT",
    "amount",
    "nothing",
)
refused(
    "applyDiscount",
    lambda s: {"orderId": s.draft, "kind": "FIXED", "percentPpm": 1},
    "INVALID_DISCOUNT",
    "kind",
    "neither",
)

refused("placeOrder", lambda s: {"orderId": s.empty}, "ORDER_EMPTY")
refused("placeOrder", lambda s: {"orderId": s.addressless}, "ADDRESS_REQUIRED", kind="SHIPPING")
refused("placeOrder", lambda s: {"orderId": s.methodless}, "SHIPPING_METHOD_REQUIRED")
refused("placeOrder", lambda s: {"orderId": s.ownerless}, "CUSTOMER_REQUIRED")
refused(
    "setOrderAddress",
    lambda s: {"orderId": s.draft, **ADDRESS, "country": "UK"},
    "INVALID_ADDRESS",
    "country",
    "country",
    field="country",
)
refused(
    "setOrderAddress",
    lambda s: {"orderId": s.draft, **ADDRESS, "city": " "},
    "INVALID_ADDRESS",
    "city",
    "city",
    field="city",
)
refused(
    "createDraftOrder",
    lambda _: {"currency": "GBP", "guestEmail": "ada@"},
    "INVALID_EMAIL",
    "guestEmail",
)
refused(
    "placeOrder",
    lambda s: {"orderId": s.draft, "expectedTotal": price(amount="8.94")},
    "PRICE_CHANGED",
    None,
    was=894,
    now=895,
)

refused(
    "placeOrder",
    lambda s: {"orderId": s.confirmed},
    "INVALID_STATE",
    None,
    status="CONFIRMED",
    allowed=["DRAFT"],
)
refused(
    "addOrderLine",
    lambda s: {"orderId": s.confirmed, **LINE},
    "INVALID_STATE",
    None,
    status="CONFIRMED",
    allowed=["DRAFT"],
)
refused(
    "cancelOrder",
    lambda s: {"orderId": s.draft, "reasonCode": "x"},
    "INVALID_STATE",
    None,
    status="DRAFT",
    allowed=["PENDING", "CONFIRMED"],
)
refused(
    "interveneInProcess",
    lambda s: {"processId": f"process-placement-{s.confirmed}", "action": "RETRY", "note": "x"},
    "INVALID_STATE",
    None,
    "process",
    status="COMPLETED",
    allowed=["STUCK"],
)
refused("cancelOrder", lambda s: {"orderId": s.shipped, "reasonCode": "x"}, "ALREADY_SHIPPED")
refused(
    "discardDraft",
    lambda s: {"orderId": s.draft, "expectedVersion": 1},
    "VERSION_CONFLICT",
    "expectedVersion",
    expected="1",
    current="4",
    retryable=True,
)
refused(
    "adjustStock",
    lambda _: {**MAIN, "reasonCode": "count", "counted": 5, "countedFrom": 1},
    "VERSION_CONFLICT",
    "countedFrom",
    "count",
    retryable=True,
)
refused(
    "writeOffStock",
    lambda _: {**MAIN, "quantity": 5_000, "reasonCode": "lost"},
    "INSUFFICIENT_STOCK",
    None,
    items=[{"sku": "TEA", "requested": 5_000, "available": 1_000}],
)
refused(
    "capturePayment",
    lambda s: {"paymentId": s.uncaptured, "amount": price(amount="8.96")},
    "CAPTURE_EXCEEDS_AUTHORIZED",
    "amount",
    max=895,
)
refused(
    "refundPayment",
    lambda s: {"paymentId": s.payment, "reasonCode": "x", "amount": price(amount="8.96")},
    "REFUND_EXCEEDS_REFUNDABLE",
    "amount",
    max=895,
)
refused(
    "recordLinesShipped",
    lambda s: {
        "orderId": s.shipped,
        "lines": [{"lineId": s.shipped_line, "quantity": 2}],
        "ref": "x",
    },
    "SHIP_EXCEEDS_OPEN",
    "lines",
    max=1,
)
refused(
    "cancelOrderLines",
    lambda s: {
        "orderId": s.shipped,
        "lines": [{"lineId": s.shipped_line, "quantity": 2}],
        "reasonCode": "x",
    },
    "CANCEL_EXCEEDS_OPEN",
    "lines",
    max=1,
)
refused(
    "recordLinesReturned",
    lambda s: {
        "orderId": s.shipped,
        "lines": [{"lineId": s.shipped_line, "quantity": 2}],
        "ref": "x",
    },
    "RETURN_EXCEEDS_RETURNABLE",
    "lines",
    max=1,
)
refused(
    "cancelOrder",
    lambda s: {"orderId": s.confirmed, "reasonCode": " "},
    "REASON_REQUIRED",
    "reasonCode",
)
refused("addOrderNote", lambda s: {"orderId": s.draft, "text": " "}, "NOTE_REQUIRED", "text")
refused(
    "addOrderNote",
    lambda s: {"orderId": s.draft, "text": "x" * 4_001},
    "NOTE_TOO_LONG",
    "text",
    max=4_000,
)
refused(
    "discardDraft",
    lambda s: {"orderId": s.draft, "idempotencyKey": ""},
    "INVALID_IDEMPOTENCY_KEY",
    "idempotencyKey",
    "empty",
)
refused(
    "discardDraft",
    lambda s: {"orderId": s.draft, "idempotencyKey": "x" * 256},
    "INVALID_IDEMPOTENCY_KEY",
    "idempotencyKey",
    "long",
)


@pytest.mark.parametrize("row", ROWS)
async def test_bad_input_is_answered_and_changes_nothing(stage: Stage, row: Row) -> None:
    before = stage.head()
    payload = await stage.api.tell(row.mutation, **row.given(stage))
    (error,) = payload["errors"]
    known: JsonObject = {**error, **(error.get("details") or {})}
    expected = {"code": row.code, "retryable": False, **row.more}
    assert {name: known.get(name) for name in expected} == expected
    assert error["message"]
    assert ".".join(error["path"]).rstrip(".") == row.path.rstrip(".")
    assert not payload["replayed"]
    assert stage.head() == before
