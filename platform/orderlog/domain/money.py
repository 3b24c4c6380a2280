"""Money in whole minor units, unit prices of up to six decimals, and the one place that rounds.

Rules and their reasons: amounts are facts in events, so replay never reprices; nothing here
touches a float.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, Self

import msgspec

from orderlog.domain.currencies import EXPONENTS
from orderlog.domain.rejections import ErrorCode, Rejected

AMOUNT_MINOR_MAX: Final = 2**63 - 1
UNIT_PRICE_SCALE_MAX: Final = 6
PPM: Final = 1_000_000
_DECIMAL: Final = re.compile(r"(-?)(\d{1,30})(?:\.(\d{1,30}))?")


class Rounding(StrEnum):
    """HALF_UP rounds a half away from zero, HALF_EVEN to the even neighbour."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"


class PriceMode(StrEnum):
    """GROSS prices contain their tax, NET prices get it added."""

    GROSS = "GROSS"
    NET = "NET"


def exponent_of(currency: str) -> int:
    """Digits of the minor unit. Raises `UNKNOWN_CURRENCY`."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        message = f"{currency!r} is not an ISO 4217 currency code."
        raise Rejected(ErrorCode.UNKNOWN_CURRENCY, message, currency=currency) from None


def checked(amount_minor: int) -> int:
    """The amount itself, if it fits 64 bits with a sign. Raises `MONEY_OVERFLOW`."""
    if not -AMOUNT_MINOR_MAX <= amount_minor <= AMOUNT_MINOR_MAX:
        raise Rejected(ErrorCode.MONEY_OVERFLOW, "The amount exceeds 2^63 − 1 minor units.")
    return amount_minor


def divide(numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """`numerator / denominator` (> 0), rounded to a whole number."""
    quotient, remainder = divmod(abs(numerator), denominator)
    twice = 2 * remainder
    is_half_up = twice == denominator and (rounding is Rounding.HALF_UP or quotient % 2 == 1)
    rounded = quotient + (twice > denominator or is_half_up)
    return rounded if numerator >= 0 else -rounded


def parse_decimal(text: str) -> tuple[int, int]:
    """`"-12.50"` as `(-1250, 2)`. Raises `INVALID_AMOUNT` for `NaN`, `1e3`, spaces and the like."""
    match = _DECIMAL.fullmatch(text)
    if match is None or not text.isascii():
        message = f"{text[:40]!r} is not a decimal number such as 12.50."
        raise Rejected(ErrorCode.INVALID_AMOUNT, message)
    sign, whole, fraction = match[1], match[2], match[3] or ""
    return int(f"{sign}{whole}{fraction}"), len(fraction)


def rescale(amount: int, scale: int, wanted: int) -> int:
    """Adds decimals, or drops zeros. Raises `AMOUNT_PRECISION` where a digit would be lost."""
    factor: int = 10 ** abs(wanted - scale)
    if scale <= wanted:
        return amount * factor
    shortened, lost = divmod(abs(amount), factor)
    if lost:
        message = f"At most {wanted} decimals are allowed here."
        raise Rejected(ErrorCode.AMOUNT_PRECISION, message, maxScale=wanted)
    return shortened if amount >= 0 else -shortened


def format_decimal(amount: int, scale: int) -> str:
    """`(-1250, 2)` as `"-12.50"`."""
    digits = str(abs(amount)).rjust(scale + 1, "0")
    whole, fraction = (digits[:-scale], f".{digits[-scale:]}") if scale else (digits, "")
    return f"{'-' if amount < 0 else ''}{whole}{fraction}"


class Money(msgspec.Struct, frozen=True):
    """An amount in minor units (pence, yen, fils) of one currency."""

    amount_minor: int
    currency: str

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        """Checked construction. Raises `UNKNOWN_CURRENCY`, `MONEY_OVERFLOW`."""
        exponent_of(currency)
        return cls(checked(amount_minor), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """`("12.5", "GBP")`. Raises `INVALID_AMOUNT`, `AMOUNT_PRECISION` and those of `of`."""
        amount, scale = parse_decimal(text)
        return cls.of(rescale(amount, scale, exponent_of(currency)), currency)

    @property
    def exponent(self) -> int:
        return exponent_of(self.currency)

    @property
    def amount(self) -> str:
        return format_decimal(self.amount_minor, self.exponent)

    def __add__(self, other: "Money") -> "Money":
        require_same_currency(self.currency, other.currency)
        return Money(checked(self.amount_minor + other.amount_minor), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + Money(-other.amount_minor, other.currency)


class UnitPrice(msgspec.Struct, frozen=True):
    """A price of one unit: `amount / 10**scale`, exponent ≤ scale ≤ 6 (0.001 GBP exists)."""

    amount: int
    scale: int

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Raises `INVALID_AMOUNT`, `AMOUNT_PRECISION`, `NEGATIVE_PRICE`, `MONEY_OVERFLOW`."""
        amount, scale = parse_decimal(text)
        exponent = exponent_of(currency)
        if scale > UNIT_PRICE_SCALE_MAX:
            amount, scale = rescale(amount, scale, UNIT_PRICE_SCALE_MAX), UNIT_PRICE_SCALE_MAX
        wanted = max(scale, exponent)
        return cls.of(rescale(amount, scale, wanted), wanted, currency)

    @classmethod
    def of(cls, amount: int, scale: int, currency: str) -> Self:
        """Checked construction. Raises `AMOUNT_PRECISION`, `NEGATIVE_PRICE`, `MONEY_OVERFLOW`."""
        if not exponent_of(currency) <= scale <= UNIT_PRICE_SCALE_MAX:
            message = f"A unit price has at most {UNIT_PRICE_SCALE_MAX} decimals."
            raise Rejected(ErrorCode.AMOUNT_PRECISION, message, maxScale=UNIT_PRICE_SCALE_MAX)
        if amount < 0:
            message = "A unit price is never negative; adjustments are not lines."
            raise Rejected(ErrorCode.NEGATIVE_PRICE, message)
        return cls(checked(amount), scale)

    @property
    def text(self) -> str:
        return format_decimal(self.amount, self.scale)

    def times(self, quantity: int, currency: str, rounding: Rounding) -> int:
        """The line total in minor units: the one place where a price is rounded."""
        divisor: int = 10 ** (self.scale - exponent_of(currency))
        return checked(divide(self.amount * quantity, divisor, rounding))


def require_same_currency(expected: str, actual: str) -> None:
    """Raises `CURRENCY_MISMATCH`: foreign exchange is never done inside an order."""
    if expected != actual:
        message = f"This order is in {expected}, not in {actual}."
        raise Rejected(ErrorCode.CURRENCY_MISMATCH, message, expected=expected, actual=actual)


def tax_of(amount_minor: int, rate_ppm: int, mode: PriceMode, rounding: Rounding) -> int:
    """The tax contained in a GROSS amount, or to be added to a NET one, in minor units."""
    match mode:
        case PriceMode.GROSS:
            return amount_minor - divide(amount_minor * PPM, PPM + rate_ppm, rounding)
        case PriceMode.NET:
            return divide(amount_minor * rate_ppm, PPM, rounding)


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """Splits an amount by weights with the largest-remainder method (Hamilton).

    The parts always sum to the whole; ties go to the earlier line. All-zero weights count as equal.
    """
    if not weights:
        return []
    shares = list(weights) if any(weights) else [1] * len(weights)
    total = sum(shares)
    floors = [amount_minor * share // total for share in shares]
    remainders = [amount_minor * share % total for share in shares]
    missing = amount_minor - sum(floors)
    largest = sorted(range(len(shares)), key=lambda index: (-remainders[index], index))
    for index in largest[:missing]:
        floors[index] += 1
    return floors


def refund_for(total_minor: int, refunded_minor: int, *, already: int, units: int, of: int) -> int:
    """What `units` more of `of` units give back when `already` were refunded before.

    Cumulative, so that the refunds of all units sum to what was paid, always.
    """
    return divide(total_minor * (already + units), of) - refunded_minor
