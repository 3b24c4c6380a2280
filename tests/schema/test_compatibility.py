"""What a released schema promises is kept, or was called off in time."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from orderlog_schema.compatibility import broken_promises
from orderlog_schema.schema import print_schema

RELEASED: Final = Path(__file__).parents[2] / "schema/released.graphql"
TODAY: Final = date(2027, 6, 1)
SHOP: Final = """
type Query {
  order(id: ID!, asOf: String): Order
  search(text: String): Found
}

type Order implements Node {
  id: ID!
  total: String!
  lines: Int!
  state: State!
  discount: Discount
}

type Discount { percent: Int! }
type Customer implements Node { id: ID!, name: String }
interface Node { id: ID! }
union Found = Order | Customer
enum State { OPEN CLOSED LOST }
input OrderFilter { state: State, number: String }
type Mutation { place(input: OrderFilter!): Order }
"""


def changed(before: str, after: str, sdl: str = SHOP) -> str:
    assert before in sdl
    return sdl.replace(before, after)


def test_this_schema_keeps_what_the_released_one_promised() -> None:
    found = broken_promises(RELEASED.read_text(), print_schema(), date.today())  # noqa: DTZ011 - a day, wherever this runs
    assert found == [], "deprecate it first, with a reason and a day; see schema/README.md"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("total: String!", "total: String! paid: String"),
        ("asOf: String", "asOf: String, number: String"),
        ("state: State, number: String", "state: State, number: String, sku: String"),
        ("percent: Int!", '"Parts per hundred." percent: Int!'),
        ("name: String", "name: String!"),
        ("LOST", "LOST FOUND"),
    ],
)
def test_a_schema_may_grow(before: str, after: str) -> None:
    assert broken_promises(SHOP, changed(before, after) if before else SHOP, TODAY) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("discount: Discount", "", "Field Order.discount was removed."),
        ("total: String!", "total: String", "Field Order.total changed type"),
        ("total: String!", "total: Int!", "Field Order.total changed type"),
        (", asOf: String", "", "Argument Query.order(asOf:) was removed."),
        ("asOf: String", "asOf: Int", "Argument Query.order(asOf:) has changed type"),
        ("asOf: String", "asOf: String!", "Argument Query.order(asOf:) has changed type"),
        ("asOf: String", "asOf: String, shop: ID!", "required argument Query.order(shop:)"),
        (", number: String", "", "Field OrderFilter.number was removed."),
        (", number: String", ", number: String!", "Field OrderFilter.number changed type"),
        (", number: String", ", number: String, shop: ID!", "required field OrderFilter.shop"),
        (" LOST", "", "Enum value State.LOST was removed."),
        ("Order | Customer", "Order", "Customer was removed from union type Found."),
        ("Customer implements Node", "Customer", "Customer no longer implements interface Node."),
        ("enum State { OPEN CLOSED LOST }", "scalar State", "State changed from an Enum type"),
        ("input OrderFilter", "input OrderFilter @oneOf", "OrderFilter takes only one of its"),
        ("type Mutation { place(input: OrderFilter!): Order }", "", "Mutation was removed."),
    ],
)
def test_whatever_breaks_a_client_is_told(before: str, after: str, said: str) -> None:
    assert any(said in one for one in broken_promises(SHOP, changed(before, after), TODAY))


DEPRECATED: Final = '@deprecated(reason: "Use `total`. May be gone from {day}.")'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("discount: Discount", ""),
        (", asOf: String", ""),
        (", number: String", ""),
        (" LOST", ""),
    ],
)
def test_what_was_deprecated_goes_on_its_day_and_not_before(before: str, after: str) -> None:
    def released(day: str) -> str:
        return changed(before, f"{before} {DEPRECATED.format(day=day)}")

    without = changed(before, after)
    assert broken_promises(released("2027-06-01"), without, TODAY) == []
    assert len(broken_promises(released("2027-06-02"), without, TODAY)) == 1
    assert len(broken_promises(released("2027-06-31"), without, TODAY)) == 1, "no such day"


def test_a_type_goes_with_the_last_field_that_led_to_it() -> None:
    field = f"discount: Discount {DEPRECATED.format(day='2027-01-01')}"
    released = changed("discount: Discount", field)
    without = changed("type Discount { percent: Int! }", "", changed("discount: Discount", ""))
    assert broken_promises(released, without, TODAY) == []
    assert broken_promises(SHOP, without, TODAY) == [
        "Discount was removed.",
        "Field Order.discount was removed.",
    ]


def test_what_was_deprecated_may_not_change_its_type_before_its_day() -> None:
    field = f"discount: Discount {DEPRECATED.format(day='2027-07-01')}"
    released = changed("discount: Discount", field)
    assert broken_promises(released, changed("discount: Discount", "discount: Int"), TODAY) != []


def test_a_deprecation_names_its_day() -> None:
    present = changed("LOST", 'LOST @deprecated(reason: "Nobody loses orders.")')
    (said,) = broken_promises(SHOP, present, TODAY)
    assert said == "State.LOST is deprecated, and its reason names no day such as 2027-06-01."
    present = changed("asOf: String", "asOf: String @deprecated")
    (said,) = broken_promises(SHOP, present, TODAY)
    assert said.startswith("Query.order.asOf is deprecated")
