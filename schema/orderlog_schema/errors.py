"""Answers to what is refused: a rejection is data, with the type that its code has."""

from typing import Any

import strawberry

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_schema.cost import listed
from orderlog_schema.permissions import EVERYBODY
from orderlog_schema.scalars import JSON, BigInt, describe_enum

describe_enum(
    ErrorCode,
    "Why a command was refused. Codes are never renamed.",
    {
        "ORDER_NOT_FOUND": "There is no such order.",
        "LINE_NOT_FOUND": "The order has no such line.",
        "SKU_NOT_FOUND": "There is no stock item of this SKU in this warehouse.",
        "WAREHOUSE_NOT_FOUND": "There is no such warehouse.",
        "PAYMENT_NOT_FOUND": "There is no such payment.",
        "RESERVATION_NOT_FOUND": "There is no such live reservation.",
        "PROCESS_NOT_FOUND": "There is no such process.",
        "DISCOUNT_NOT_FOUND": "The order has no such discount.",
        "NOTE_NOT_FOUND": "The order has no such note.",
        "CHANNEL_NOT_FOUND": "There is no such channel.",
        "ALREADY_EXISTS": "The id is taken already.",
        "INVALID_ID": "An id is no UUID, or an id of another type.",
        "INVALID_VALUE": "A value is outside what is allowed; the message says what is.",
        "INVALID_QUANTITY": "A quantity is out of bounds: see `min` and `max`.",
        "TOO_MANY_LINES": "More lines than an order can have.",
        "INVALID_AMOUNT": "An amount is no decimal string, or none or two were given.",
        "AMOUNT_PRECISION": "An amount has more decimals than its currency, or than a price may.",
        "NEGATIVE_PRICE": "A unit price is never negative.",
        "UNKNOWN_CURRENCY": "Not a currency of ISO 4217.",
        "CURRENCY_MISMATCH": "An order has one currency, and this is another.",
        "MONEY_OVERFLOW": "A sum exceeds 64 bits.",
        "INVALID_DISCOUNT": "A discount that cannot be: nothing, or more than everything.",
        "ORDER_EMPTY": "An order without lines cannot be placed.",
        "ADDRESS_REQUIRED": "Something is shipped, and needs an address.",
        "SHIPPING_METHOD_REQUIRED": "Something is shipped, and needs a shipping method.",
        "CUSTOMER_REQUIRED": "An order needs a customer or the e-mail address of a guest.",
        "INVALID_ADDRESS": "A part of the address cannot be: see `details.field`.",
        "INVALID_EMAIL": "Not an e-mail address.",
        "PRICE_CHANGED": "The total is another than the one expected.",
        "INVALID_STATE": "Not possible in this state: see `status` and `allowed`.",
        "ALREADY_SHIPPED": "Some of it has been shipped.",
        "VERSION_CONFLICT": "Somebody else was faster: load it again.",
        "INSUFFICIENT_STOCK": "There is not enough stock: see `items`.",
        "CAPTURE_EXCEEDS_AUTHORIZED": "More than is authorized and not captured yet.",
        "REFUND_EXCEEDS_REFUNDABLE": "More than can still be given back.",
        "PAYMENT_DECLINED": "The payment was declined.",
        "PAYMENT_OUTCOME_UNKNOWN": "The gateway has not said yet how it ended.",
        "PAYMENT_REQUIRED": "It is not paid for.",
        "SHIP_EXCEEDS_OPEN": "More units than are open to be shipped, or delivered.",
        "CANCEL_EXCEEDS_OPEN": "More units than are open to be cancelled.",
        "RETURN_EXCEEDS_RETURNABLE": "More units than can come back.",
        "ORDER_ON_HOLD": "The order is on hold.",
        "REASON_REQUIRED": "A reason is needed.",
        "NOTE_REQUIRED": "A note needs a text.",
        "NOTE_TOO_LONG": "The note is too long.",
        "SUBJECT_ERASED": "The data of this person was erased.",
        "IDEMPOTENCY_KEY_REUSED": "The key was used before, with another input.",
        "IDEMPOTENCY_IN_PROGRESS": "The first command with this key is still running.",
        "INVALID_IDEMPOTENCY_KEY": "A key has 1 to 255 characters.",
        "CONTENTION": "Others kept changing the same thing; try again.",
        "OVERLOADED": "Too much is waiting; try again soon.",
        "PAGE_TOO_LARGE": "A page has at most 100 entries.",
        "INVALID_CURSOR": "Not a cursor of this list.",
        "DEAD_LETTER_NOT_FOUND": "No event of this key is parked.",
    },
)


@strawberry.interface(
    description="Why a command was refused. Nothing was changed.", directives=[EVERYBODY]
)
class UserError:
    code: ErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people, in English.")
    path: list[str] = strawberry.field(
        description='The input at fault: `["input", "lines", "0", "quantity"]`.',
        directives=[listed(4)],
    )
    retryable: bool = strawberry.field(
        description="Whether the same command may succeed later, or after a reload."
    )


@strawberry.type(description="A refusal whose context is in `details`.", directives=[EVERYBODY])
class CommandRejectedError(UserError):
    details: JSON = strawberry.field(
        description='What the code promises, e.g. `{"max": 2000}` for `TOO_MANY_LINES`.'
    )


@strawberry.type(description="A quantity is out of bounds.", directives=[EVERYBODY])
class InvalidQuantityError(UserError):
    min: BigInt = strawberry.field(description="The least that is allowed.")
    max: BigInt = strawberry.field(description="The most that is allowed.")


@strawberry.type(description="Not possible in the present state.", directives=[EVERYBODY])
class InvalidStateError(UserError):
    status: str = strawberry.field(description="The state that it is in.")
    allowed: list[str] = strawberry.field(
        description="The states in which it is possible.", directives=[listed(5)]
    )


@strawberry.type(description="It was expected at another version.", directives=[EVERYBODY])
class VersionConflictError(UserError):
    expected: BigInt = strawberry.field(description="What the command expected.")
    current: BigInt = strawberry.field(description="What it is now.")


@strawberry.type(description="Something of which there is not enough.", directives=[EVERYBODY])
class StockShortage:
    sku: str = strawberry.field(description="The SKU.")
    requested: int = strawberry.field(description="Units asked for.")
    available: int = strawberry.field(description="Units that there are.")


@strawberry.type(description="There is not enough stock.", directives=[EVERYBODY])
class InsufficientStockError(UserError):
    items: list[StockShortage] = strawberry.field(
        description="Everything that is short, all at once.",
        directives=[listed(5)],
    )


def user_error(rejection: Rejected) -> UserError:
    """The rejection as data, with the type that its code has."""
    common: dict[str, Any] = {
        "code": rejection.code,
        "message": rejection.message,
        "path": ["input", *rejection.path],
        "retryable": rejection.retryable,
    }
    match rejection.code, rejection.details:
        case ErrorCode.INVALID_QUANTITY, {"min": int(least), "max": int(most)}:
            return InvalidQuantityError(**common, min=BigInt(least), max=BigInt(most))
        case ErrorCode.INVALID_STATE, {"status": str(status), "allowed": [*allowed]}:
            return InvalidStateError(**common, status=status, allowed=[str(one) for one in allowed])
        case ErrorCode.VERSION_CONFLICT, {"expected": int(expected), "current": int(current)}:
            return VersionConflictError(
                **common, expected=BigInt(expected), current=BigInt(current)
            )
        case ErrorCode.INSUFFICIENT_STOCK, {"items": [*items]}:
            return InsufficientStockError(**common, items=[_shortage(item) for item in items])
        case _, details:
            return CommandRejectedError(**common, details=JSON(dict(details)))


def _shortage(item: Any) -> StockShortage:  # noqa: ANN401 - as the rejection carries it
    return StockShortage(sku=item["sku"], requested=item["requested"], available=item["available"])
