"""Amounts, as they are shown and as they are given."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import strawberry
from strawberry import UNSET

from orderlog.domain.money import Money as Amount
from orderlog.domain.money import UnitPrice as Price
from orderlog.domain.money import exponent_of, format_decimal
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_schema.fields import shown
from orderlog_schema.given import at_path, given, is_given
from orderlog_schema.permissions import EVERYBODY
from orderlog_schema.scalars import BigInt, CurrencyCode, Decimal


@strawberry.type(
    description="An amount of money in one currency. Nothing in it is ever a float.",
    directives=[EVERYBODY],
)
class Money:
    amount_minor: BigInt = strawberry.field(
        description="The amount in minor units: pence, yen, fils."
    )
    currency: CurrencyCode = strawberry.field(description="Its currency.")
    exponent: int = shown(
        lambda money: exponent_of(money.currency), "Digits of the minor unit: 2 for GBP, 0 for JPY."
    )
    amount: Decimal = shown(
        lambda money: format_decimal(money.amount_minor, exponent_of(money.currency)),
        'The amount as a decimal number: `"12.50"`.',
    )


@strawberry.type(
    description="What one unit costs: up to six decimals, so finer than `Money`.",
    directives=[EVERYBODY],
)
class UnitPrice:
    price: strawberry.Private[Price]
    amount: Decimal = shown("price.text", 'The price as a decimal number: `"0.001"`.')
    currency: CurrencyCode = strawberry.field(description="Its currency.")
    scale: int = shown("price.scale", "How many decimals `amount` has.")


@strawberry.input(
    description="An amount of money, given as exactly one of `amountMinor` and `amount`."
)
class MoneyInput:
    currency: CurrencyCode = strawberry.field(description="Its ISO 4217 code.")
    amount_minor: BigInt | None = strawberry.field(
        default=UNSET, description='In minor units: `"1250"` for 12.50 GBP.'
    )
    amount: Decimal | None = strawberry.field(
        default=UNSET, description='As a decimal string: `"12.50"`. A number is refused.'
    )

    def to_money(self, *path: str) -> Amount:
        """Raises `INVALID_AMOUNT`, `AMOUNT_PRECISION`, `UNKNOWN_CURRENCY`, `MONEY_OVERFLOW`."""
        with at_path(*path):
            if self._is_minor():
                return Amount.of(self.amount_minor or 0, self.currency)
            return Amount.parse(self.amount or "", self.currency)

    def to_price(self, *path: str) -> Price:
        """Raises those of `to_money` and `NEGATIVE_PRICE`."""
        with at_path(*path):
            if self._is_minor():
                exponent = exponent_of(self.currency)
                return Price.of(self.amount_minor or 0, exponent, self.currency)
            return Price.parse(self.amount or "", self.currency)

    def _is_minor(self) -> bool:
        is_minor, is_decimal = is_given(self.amount_minor), is_given(self.amount)
        if is_minor is is_decimal:
            message = "Give exactly one of amountMinor and amount."
            raise Rejected(ErrorCode.INVALID_AMOUNT, message)
        return is_minor


def minor_of(given_amount: MoneyInput | None, *path: str) -> int | None:
    """Minor units of an optional amount; see `to_money` for what it raises."""
    amount = given(given_amount)
    return None if amount is None else amount.to_money(*path).amount_minor


def money_of(amount_minor: int, currency: str) -> Money:
    return Money(amount_minor=BigInt(amount_minor), currency=CurrencyCode(currency))


def money(amount_minor: str, currency: str = "row.currency") -> Callable[[Any], Money]:
    """For `shown`: an amount, given the paths to its minor units and to its currency."""
    get = attrgetter(amount_minor, currency)
    return lambda one: money_of(*get(one))


def unit_price_of(price: Price, currency: str) -> UnitPrice:
    return UnitPrice(price=price, currency=CurrencyCode(currency))
