"""Money: whole minor units, one place that rounds, and parts that always sum to the whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderlog.domain.money import (
    AMOUNT_MINOR_MAX,
    Money,
    PriceMode,
    Rounding,
    UnitPrice,
    allocate,
    divide,
    format_decimal,
    parse_decimal,
    refund_for,
    tax_of,
)
from orderlog.domain.rejections import ErrorCode, Rejected

MINOR = st.integers(min_value=0, max_value=10**12)
COUNTS = st.integers(min_value=1, max_value=1_000)
RATES = st.integers(min_value=0, max_value=1_000_000)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "GBP", 1250),
        ("12.5", "GBP", 1250),
        ("12", "JPY", 12),
        ("12.000", "JPY", 12),
        ("1.234", "KWD", 1234),
        ("-0.01", "EUR", -1),
    ],
)
def test_a_decimal_is_read_in_minor_units(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("NaN", "GBP", ErrorCode.INVALID_AMOUNT),
        ("1e3", "GBP", ErrorCode.INVALID_AMOUNT),
        ("1,50", "GBP", ErrorCode.INVALID_AMOUNT),
        (" 1", "GBP", ErrorCode.INVALID_AMOUNT),
        ("", "GBP", ErrorCode.INVALID_AMOUNT),
        ("\u0661", "GBP", ErrorCode.INVALID_AMOUNT),
        ("1.001", "GBP", ErrorCode.AMOUNT_PRECISION),
        ("1.5", "JPY", ErrorCode.AMOUNT_PRECISION),
        ("1", "GPB", ErrorCode.UNKNOWN_CURRENCY),
        ("92233720368547758.08", "GBP", ErrorCode.MONEY_OVERFLOW),
    ],
)
def test_what_is_no_amount_is_refused(text: str, currency: str, code: ErrorCode) -> None:
    with pytest.raises(Rejected) as caught:
        Money.parse(text, currency)
    assert caught.value.code is code


def test_the_largest_amount_fits() -> None:
    assert Money.parse("92233720368547758.07", "GBP").amount_minor == AMOUNT_MINOR_MAX


def test_a_unit_price_may_be_finer_than_a_penny() -> None:
    assert UnitPrice.parse("0.001", "GBP").times(1_500, "GBP", Rounding.HALF_UP) == 150


def test_a_unit_price_has_six_decimals_at_most() -> None:
    with pytest.raises(Rejected) as caught:
        UnitPrice.parse("0.0000001", "GBP")
    assert caught.value.code is ErrorCode.AMOUNT_PRECISION
    assert caught.value.details == {"maxScale": 6}


def test_a_unit_price_is_never_negative() -> None:
    with pytest.raises(Rejected) as caught:
        UnitPrice.parse("-11062.06", "GBP")
    assert caught.value.code is ErrorCode.NEGATIVE_PRICE


@pytest.mark.parametrize(
    ("rounding", "halves"),
    [(Rounding.HALF_UP, [-2, -1, 1, 2, 3]), (Rounding.HALF_EVEN, [-2, 0, 0, 2, 2])],
)
def test_a_half_is_rounded_as_the_channel_says(rounding: Rounding, halves: list[int]) -> None:
    assert [divide(half, 2, rounding) for half in (-3, -1, 1, 3, 5)] == halves


def test_gross_prices_contain_their_tax_and_net_prices_get_it_added() -> None:
    assert tax_of(1_200, 200_000, PriceMode.GROSS, Rounding.HALF_UP) == 200
    assert tax_of(1_000, 200_000, PriceMode.NET, Rounding.HALF_UP) == 200


def test_currencies_never_mix() -> None:
    with pytest.raises(Rejected) as caught:
        _ = Money(1, "GBP") + Money(1, "EUR")
    assert caught.value.code is ErrorCode.CURRENCY_MISMATCH


def test_ties_of_an_allocation_go_to_the_earlier_line() -> None:
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert allocate(5, [0, 0]) == [3, 2]


@given(amount=MINOR, weights=st.lists(MINOR, min_size=1, max_size=40))
@settings(max_examples=200)
def test_an_allocation_sums_to_the_whole_and_is_fair(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    if total := sum(weights):
        exact = [amount * weight / total for weight in weights]
        slack = 1 + amount / 10**12
        assert all(abs(a - b) <= slack for a, b in zip(parts, exact, strict=True))


@given(weights=st.lists(MINOR, min_size=1, max_size=40), draw=st.data())
@settings(max_examples=100)
def test_an_allocation_never_takes_more_than_there_is(
    weights: list[int], draw: st.DataObject
) -> None:
    amount = draw.draw(st.integers(min_value=0, max_value=sum(weights)))
    if any(weights):
        parts = allocate(amount, weights)
        assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(total=MINOR, steps=st.lists(COUNTS, min_size=1, max_size=20))
@settings(max_examples=200)
def test_refunds_sum_to_what_was_paid_however_the_units_come_back(
    total: int, steps: list[int]
) -> None:
    of, already, refunded = sum(steps), 0, 0
    for units in steps:
        refund = refund_for(total, refunded, already=already, units=units, of=of)
        assert refund >= 0
        already, refunded = already + units, refunded + refund
    assert refunded == total


@given(amount=MINOR, rate=RATES, rounding=st.sampled_from(Rounding))
@settings(max_examples=200)
def test_net_and_gross_agree_on_the_tax_to_a_penny(
    amount: int, rate: int, rounding: Rounding
) -> None:
    added = tax_of(amount, rate, PriceMode.NET, rounding)
    contained = tax_of(amount + added, rate, PriceMode.GROSS, rounding)
    assert abs(added - contained) <= 1
    assert 0 <= contained <= amount + added


@given(amount=st.integers(-(10**18), 10**18), scale=st.integers(0, 6))
@settings(max_examples=100)
def test_a_decimal_is_read_back_as_it_was_written(amount: int, scale: int) -> None:
    assert parse_decimal(format_decimal(amount, scale)) == (amount, scale)


def test_money_is_written_with_the_digits_of_its_currency() -> None:
    assert (Money(1_250, "GBP") - Money(1, "GBP")).amount == "12.49"
    assert Money(-5, "KWD").amount == "-0.005"
    assert (Money(12, "JPY").amount, Money(12, "JPY").exponent) == ("12", 0)
    assert UnitPrice(1, 3).text == "0.001"


def test_nothing_is_allocated_to_nobody() -> None:
    assert allocate(0, []) == []
