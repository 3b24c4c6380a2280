"""Every type × field × audience × owner, other, other channel: all cells, through the executor.

The operations and what they take are made from the printed schema.
"""

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest

from orderlog.domain.envelope import ActorKind
from orderlog_schema.principals import Principal, Role
from tests.schema.asking import JsonObject
from tests.schema.matrix import Cells, Matrix
from tests.schema.tenants import ADA, BOB, CAROL, House, Owner, northern, staff

pytestmark = pytest.mark.asyncio(loop_scope="module")
MATRIX: Final = Matrix()
APP: Final = Principal(kind=ActorKind.APP, id="shop", roles=frozenset({Role.SUPPORT, Role.FINANCE}))
SYSTEM: Final = Principal(kind=ActorKind.SYSTEM, id="orderlog")
WHO: Final = {"customer": ADA, "app": APP, "system": SYSTEM} | {
    str(role): staff(role) for role in Role
}
STAFF_TAKES: Final = {"EVERYBODY", "STAFF"}
TAKES: Final = {
    "customer": {"EVERYBODY", "CUSTOMER"},
    "app": {*STAFF_TAKES, "SUPPORT", "FINANCE"},
    "system": {*STAFF_TAKES, "ADMIN"},
} | {str(role): {*STAFF_TAKES, role.name} for role in Role}
"""What each of them is, said here once more."""


def is_theirs(principal: Principal, owner: Owner) -> bool:
    if principal.kind is ActorKind.CUSTOMER:
        return owner.customer == principal.id
    return principal.channel_ids is None or owner.channel in principal.channel_ids


def things_of(owner: Owner, cells: Cells) -> dict[str, str]:
    """What an operation about somebody's order is filled with."""
    kinds = [step.removeprefix("... on ") for step in cells.way if step.startswith("... on ")]
    return {
        "order": owner.order,
        "customer": owner.customer,
        "payment": owner.payment,
        "process": owner.ids["Process"],
        "node": owner.ids.get(kinds[0] if kinds else "Order", owner.ids["Order"]),
    }


def leaks(house: House, principal: Principal, response: JsonObject) -> list[str]:
    """What of others is in an answer."""
    text = json.dumps(response, default=str)
    return [
        mark
        for owner in house.owners
        if not is_theirs(principal, owner)
        for mark in sorted(owner.marks)
        if mark in text
    ]


async def test_every_type_has_cells() -> None:
    tried = {cells.type_name for cells in MATRIX.cells}
    assert set(MATRIX.names) - tried == set()
    assert sum(len(cells.takes) for cells in MATRIX.cells) > 800


def together(cells: Cells, selections: Iterable[str]) -> Iterator[list[str]]:
    """All fields of a type at once; those of a root one by one."""
    if not cells.asked:
        yield from ([one] for one in selections)
    else:
        yield list(selections)


@pytest.mark.parametrize("who", WHO)
async def test_every_field_is_for_whom_it_says(house: House, who: str) -> None:
    """One operation for all fields of a type: what is refused is named, field by field."""
    asker = house.by(WHO[who])
    for cells in MATRIX.cells:
        takes = {**cells.takes, **cells.takes_on_the_way}
        refused = {field for field, audiences in takes.items() if not audiences & TAKES[who]}
        if not refused:
            continue
        found = set[str]()
        selected = MATRIX.fields(cells.type_name)
        for selections in together(cells, selected.values()):
            text = cells.operation(selections, things_of(house.carol, cells))
            found |= set(await asker.refused(text))
        assert found == refused, cells.way


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("whose", ["owner", "other", "other channel"])
async def test_every_row_is_its_owners(house: House, who: str, whose: str) -> None:
    principal = WHO[who]
    owner = {"owner": house.ada, "other": house.bob, "other channel": house.carol}[whose]
    head, executed = house.head, 0
    for cells in MATRIX.cells:
        if not all(audiences & TAKES[who] for audiences in cells.takes_on_the_way.values()):
            continue
        if cells.root == "Mutation" and is_theirs(principal, owner):
            continue  # it would be done
        fields = MATRIX.fields(cells.type_name)
        selections = [fields[one] for one, takes in cells.takes.items() if takes & TAKES[who]]
        for chosen in together(cells, selections) if selections else ():
            text = cells.operation(chosen, things_of(owner, cells))
            response = await house.by(principal).first(text)
            executed += 1
            assert "errors" not in response, (cells.way, response)
            assert leaks(house, principal, response) == [], (cells.way, response)
            check_presence(cells, response["data"], is_there=is_theirs(principal, owner))
    assert executed > 60
    assert house.head == head, "nothing was done to what is not theirs"


def check_presence(cells: Cells, data: Any, *, is_there: bool) -> None:  # noqa: ANN401 - JSON
    """What an id names is there, or not, by whose it is; what a command names, just so."""
    if cells.asked in {"order", "customer", "process", "node"}:
        is_shared = "... on StockItem" in cells.way
        assert (data[cells.asked] is not None) == (is_there or is_shared), cells.way
    if cells.asked == "orderEvents":
        assert (data is not None) == is_there
    if cells.root == "Mutation" and cells.asked:
        assert data[cells.asked]["errors"], cells.way


# --- probes ---


PROBERS: Final = [
    ADA,
    BOB,
    CAROL,
    *(northern(role) for role in Role),
    *(staff(role) for role in Role),
    staff(Role.ADMIN, channel_id="north"),
]


def variants(chance: random.Random, cells: Cells, owner: Owner) -> dict[str, str]:
    """Ids of somebody's in every form, true and false."""
    things = things_of(owner, cells)
    forms = {
        name: [value, value.upper(), owner.ids[chance.choice(sorted(owner.ids))]]
        for name, value in things.items()
    }
    forms["order"].append(owner.ids["Order"])
    forms["customer"].append(owner.ids["Customer"])
    return {name: chance.choice(values) for name, values in forms.items()}


@pytest.mark.parametrize(
    "count", [50, pytest.param(1_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
async def test_no_probe_gets_anything_of_others(house: House, count: int) -> None:
    chance, head, probed = random.Random(count), house.head, 0
    while probed < count:
        principal, owner = chance.choice(PROBERS), chance.choice(house.owners)
        cells = chance.choice(MATRIX.cells)
        if is_theirs(principal, owner) or cells.way == ("Subscription",):
            continue
        fields = list(MATRIX.fields(cells.type_name).values())
        chosen = chance.sample(fields, chance.randint(1, min(len(fields), 20)))
        text = cells.operation(chosen, variants(chance, cells, owner))
        response = await house.by(principal).first(text)
        answer = {"data": response.get("data")}
        assert leaks(house, principal, answer) == [], (principal, text, response)
        codes = {error["extensions"]["code"] for error in response.get("errors", ())}
        assert codes <= {"FORBIDDEN", "BAD_USER_INPUT"}, (text, response)
        probed += 1
    assert house.head == head
