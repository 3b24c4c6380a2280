"""The recipes of schema/clients are programs that do what they say, against the real server."""

import sys
from pathlib import Path

import pytest

from tests.schema.api import Api
from tests.support.clients import Clients
from tests.support.following import Follower, follow_to_the_end, following
from tests.support.workshop import RECIPES, Workshop

Recipe = tuple[Path, *tuple[str | Path, ...]]
"""A folder, and the command that is to be run in it."""


@pytest.fixture(scope="module")
def typescript(tmp_path_factory: pytest.TempPathFactory, clients: Clients) -> Recipe:
    """Compiled by tsc together with the types that graphql-codegen writes."""
    workshop = Workshop(tmp_path_factory.mktemp("typescript"))
    workshop.link(clients)
    workshop.take(RECIPES / "typescript")
    workshop.run(workshop.bin("graphql-codegen"))
    workshop.run(workshop.bin("tsc"))
    return workshop.folder, clients.node, "built/orders.js"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    workshop = Workshop(tmp_path_factory.mktemp("python"))
    workshop.take(RECIPES / "python")
    return workshop.folder, sys.executable, "orders.py"


@pytest.fixture(scope="module")
def golang(tmp_path_factory: pytest.TempPathFactory, go: Path) -> Recipe:
    """Compiled together with the functions that genqlient writes."""
    workshop = Workshop(tmp_path_factory.mktemp("go"))
    workshop.take(RECIPES / "go")
    workshop.run(go, "tool", "genqlient")
    workshop.run(go, "build", "-o", "orders")
    return workshop.folder, workshop.folder / "orders"


@pytest.fixture(params=["typescript", "python", "golang"])
def recipe(request: pytest.FixtureRequest) -> Recipe:
    recipe: Recipe = request.getfixturevalue(request.param)
    return recipe


async def test_a_recipe_asks_tells_and_follows(guarded: Api, token: str, recipe: Recipe) -> None:
    async with following(guarded, *recipe, "basket-7", token=token) as first:
        order_id = await begun(first, replayed=False)
        async with following(guarded, *recipe, "basket-7", token=token) as second:
            assert await begun(second, replayed=True) == order_id, "the same basket, once more"
            assert (await second.event())[1] == "OrderDrafted"
            await follow_to_the_end(guarded, first, order_id, "OrderLineAdded")


async def begun(client: Follower, *, replayed: bool) -> str:
    """The order that a recipe begins, after a look at those that there are."""
    assert await client.line() == {"count": int(replayed), "newest": [None] * replayed}
    line = await client.line()
    order_id: str = line.pop("orderId")
    assert line == {"total": "5.00", "replayed": replayed}
    return order_id


async def test_a_recipe_whose_token_does_not_count_says_so_and_ends(
    guarded: Api, recipe: Recipe
) -> None:
    with pytest.raises(AssertionError, match=r"401|UNAUTHENTICATED"):
        async with following(guarded, *recipe, token="nonsense") as client:  # noqa: S106 - none
            await client.line()
