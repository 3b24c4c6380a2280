"""A command that is refused gets an answer, not a crash: `Rejected` with a stable code."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeAlias


class ErrorCode(StrEnum):
    """Every way in which a command can be refused. Codes are part of the API: never renamed."""

    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    LINE_NOT_FOUND = "LINE_NOT_FOUND"
    SKU_NOT_FOUND = "SKU_NOT_FOUND"
    WAREHOUSE_NOT_FOUND = "WAREHOUSE_NOT_FOUND"
    PAYMENT_NOT_FOUND = "PAYMENT_NOT_FOUND"
    RESERVATION_NOT_FOUND = "RESERVATION_NOT_FOUND"
    PROCESS_NOT_FOUND = "PROCESS_NOT_FOUND"
    DISCOUNT_NOT_FOUND = "DISCOUNT_NOT_FOUND"
    NOTE_NOT_FOUND = "NOTE_NOT_FOUND"
    CHANNEL_NOT_FOUND = "CHANNEL_NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID_ID = "INVALID_ID"
    INVALID_VALUE = "INVALID_VALUE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    INVALID_AMOUNT = "INVALID_AMOUNT"
    AMOUNT_PRECISION = "AMOUNT_PRECISION"
    NEGATIVE_PRICE = "NEGATIVE_PRICE"
    UNKNOWN_CURRENCY = "UNKNOWN_CURRENCY"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    MONEY_OVERFLOW = "MONEY_OVERFLOW"
    INVALID_DISCOUNT = "INVALID_DISCOUNT"
    ORDER_EMPTY = "ORDER_EMPTY"
    ADDRESS_REQUIRED = "ADDRESS_REQUIRED"
    SHIPPING_METHOD_REQUIRED = "SHIPPING_METHOD_REQUIRED"
    CUSTOMER_REQUIRED = "CUSTOMER_REQUIRED"
    INVALID_ADDRESS = "INVALID_ADDRESS"
    INVALID_EMAIL = "INVALID_EMAIL"
    PRICE_CHANGED = "PRICE_CHANGED"
    INVALID_STATE = "INVALID_STATE"
    ALREADY_SHIPPED = "ALREADY_SHIPPED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    CAPTURE_EXCEEDS_AUTHORIZED = "CAPTURE_EXCEEDS_AUTHORIZED"
    REFUND_EXCEEDS_REFUNDABLE = "REFUND_EXCEEDS_REFUNDABLE"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    PAYMENT_OUTCOME_UNKNOWN = "PAYMENT_OUTCOME_UNKNOWN"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    SHIP_EXCEEDS_OPEN = "SHIP_EXCEEDS_OPEN"
    CANCEL_EXCEEDS_OPEN = "CANCEL_EXCEEDS_OPEN"
    RETURN_EXCEEDS_RETURNABLE = "RETURN_EXCEEDS_RETURNABLE"
    ORDER_ON_HOLD = "ORDER_ON_HOLD"
    REASON_REQUIRED = "REASON_REQUIRED"
    NOTE_REQUIRED = "NOTE_REQUIRED"
    NOTE_TOO_LONG = "NOTE_TOO_LONG"
    SUBJECT_ERASED = "SUBJECT_ERASED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    INVALID_IDEMPOTENCY_KEY = "INVALID_IDEMPOTENCY_KEY"
    CONTENTION = "CONTENTION"
    OVERLOADED = "OVERLOADED"
    PAGE_TOO_LARGE = "PAGE_TOO_LARGE"
    INVALID_CURSOR = "INVALID_CURSOR"
    DEAD_LETTER_NOT_FOUND = "DEAD_LETTER_NOT_FOUND"


RETRYABLE: Final = frozenset(
    {
        ErrorCode.VERSION_CONFLICT,
        ErrorCode.IDEMPOTENCY_IN_PROGRESS,
        ErrorCode.CONTENTION,
        ErrorCode.OVERLOADED,
        ErrorCode.PAYMENT_OUTCOME_UNKNOWN,
    }
)
"""Codes after which the same command may succeed unchanged (after a reload, or a pause)."""

Detail: TypeAlias = "str | int | bool | Sequence[Detail] | Mapping[str, Detail] | None"


class Rejected(Exception):
    """A command was refused and nothing was recorded.

    `path` names the input at fault (`("lines", "0", "quantity")`), `details` carries what the
    code promises, e.g. `min` and `max` for `INVALID_QUANTITY`.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, path: Sequence[str] = (), **details: Detail
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = tuple(path)
        self.details = details

    @property
    def retryable(self) -> bool:
        return self.code in RETRYABLE


def require_status(status: StrEnum, *allowed: StrEnum) -> None:
    """Raises `INVALID_STATE {status, allowed[]}` unless the status is one of those allowed."""
    if status not in allowed:
        raise invalid_state(status, *allowed)


def invalid_state(status: StrEnum, *allowed: StrEnum, because: str = "") -> Rejected:
    """The rejection itself, for guards that ask for more than a status."""
    names = [str(one) for one in allowed]
    message = because or f"Not possible while {status}, only while {' or '.join(names)}."
    return Rejected(ErrorCode.INVALID_STATE, message, status=str(status), allowed=names)
