"""Scalars of our own. Numbers that could exceed 32 bits, and decimals, travel as strings."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
Position = NewType("Position", int)
Decimal = NewType("Decimal", str)
CurrencyCode = NewType("CurrencyCode", str)
JSON = NewType("JSON", object)

_WHOLE: Final = re.compile(r"-?\d{1,30}")


def parse_whole(value: object) -> int:
    """From a string of digits or a whole number; never from a float."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and _WHOLE.fullmatch(value):
        return int(value)
    raise GraphQLError(f"{value!r:.40} is not a whole number.")


def parse_position(value: object) -> int:
    position = parse_whole(value)
    if not 0 <= position < 2**63:
        raise GraphQLError("A position is between 0 and 2^63 − 1.")
    return position


def parse_decimal(value: object) -> str:
    """Whatever is no string becomes one that no amount can be read from: an answer, not a crash."""
    return value if isinstance(value, str) else f"number {value}"


def parse_text(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"{value!r:.40} is not a string.")
    return value


def parse_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(parse_text(value))
    except ValueError:
        raise GraphQLError(f"{value!r:.40} is not a time such as 2026-11-23T08:30:00Z.") from None
    if moment.tzinfo is None:
        raise GraphQLError(f"{value!r:.40} has no time zone; end it with Z for UTC.")
    return moment.astimezone(UTC)


def parse_day(value: object) -> date:
    try:
        return date.fromisoformat(parse_text(value))
    except ValueError:
        raise GraphQLError(f"{value!r:.40} is not a day such as 2026-11-23.") from None


def format_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def as_is(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    return value


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description='A whole number of up to 64 bits, as a string: `"2147483648"`.',
        specified_by_url="https://scalars.graphql.org/chillicream/long.html",
        serialize=str,
        parse_value=parse_whole,
    ),
    Position: strawberry.scalar(
        name="Position",
        description=(
            'A place in the log of events, as a string: `"1042"`. Positions grow with every '
            "event and are never reused; a position is what to read after, or at least up to."
        ),
        specified_by_url="https://scalars.graphql.org/chillicream/unsigned-long.html",
        serialize=str,
        parse_value=parse_position,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number, as a string: `"12.50"`. Never a float.',
        specified_by_url="https://scalars.graphql.org/chillicream/decimal.html",
        serialize=str,
        parse_value=parse_decimal,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description='An alphabetic ISO 4217 currency code: `"GBP"`.',
        specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
        serialize=str,
        parse_value=parse_text,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='A moment by RFC 3339, answered in UTC: `"2026-11-23T08:30:00.125Z"`.',
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=format_moment,
        parse_value=parse_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description='A calendar day by RFC 3339: `"2026-11-23"`.',
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=parse_day,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description='Any JSON value: `{"quantity": 2}`.',
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=as_is,
        parse_value=as_is,
    ),
}


def describe_enum(
    kind: type[StrEnum], description: str, values: Mapping[str, str], name: str | None = None
) -> None:
    """Makes a Python enum one of the schema; each of its values needs a description."""
    strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = vars(kind)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]
