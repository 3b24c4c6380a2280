"""Each field is for somebody; an operation with one that is for others does not even begin."""

import time
from collections.abc import AsyncGenerator

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from orderlog.domain.envelope import ActorKind
from orderlog_schema.execution.operations import Asked
from orderlog_schema.execution.permits import rules_of
from orderlog_schema.permissions import rule_of
from orderlog_schema.principals import NOBODY, Audience, Principal, Role, audiences_of
from orderlog_schema.schema import Schema, build_schema
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running
from tests.schema.asking import Asker
from tests.schema.tenants import ADA, staff

NO_ROLE = frozenset[Role]()
VIEWER = staff(Role.VIEWER)


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema()


@pytest.fixture
async def platform(sqlite_url: str) -> AsyncGenerator[Platform]:
    async with running(load_settings(database_url=sqlite_url)) as platform:
        yield platform


def test_every_field_is_for_somebody(schema: Schema) -> None:
    rules = rules_of(schema.graphql)
    assert len(rules) > 70
    assert [
        f"{kind}.{field}"
        for kind, fields in rules.items()
        for field, audiences in fields.items()
        if not audiences
    ] == []


def test_what_carries_no_rule_is_for_nobody() -> None:
    assert rule_of(object()) == frozenset()


def test_whoever_may_tell_may_read_the_answer(schema: Schema) -> None:
    rules = rules_of(schema.graphql)
    assert schema.graphql.mutation_type is not None
    for name, field in schema.graphql.mutation_type.fields.items():
        payload = str(field.type).rstrip("!")
        assert set(rules[payload].values()) == {rules["Mutation"][name]}, name


def test_audiences_follow_from_kind_and_roles() -> None:
    anybody = {Audience.EVERYBODY}
    both = frozenset({Role.SUPPORT, Role.FINANCE})
    assert audiences_of(ActorKind.APP, both) == {
        *anybody,
        Audience.STAFF,
        Audience.SUPPORT,
        Audience.FINANCE,
    }
    assert audiences_of(ActorKind.STAFF, NO_ROLE) == frozenset()
    assert audiences_of(ActorKind.CUSTOMER, frozenset({Role.ADMIN})) == {
        *anybody,
        Audience.CUSTOMER,
    }
    assert Audience.ADMIN in audiences_of(ActorKind.SYSTEM, NO_ROLE)


def test_who_may_do_more_watches_apart() -> None:
    nobody = Principal(kind=ActorKind.STAFF, id="x")
    system = Principal(kind=ActorKind.SYSTEM, id="x")
    assert nobody.scope != system.scope


@pytest.mark.parametrize(
    "query",
    [
        "{ order(id: 1) { guestEmail } }",
        "{ order(id: 1) { email: guestEmail @include(if: false) } }",
        "{ orders { nodes { ...Contact } } } fragment Contact on Order { ... { guestEmail } }",
        "{ node(id: 1) { ... on Node { ... on Order { guestEmail } } } }",
        """
        query A { order(id: 1) { ...B } }
        fragment B on Order { ...C }
        fragment C on Order { guestEmail }
        """,
        "subscription { orderChanged { order { guestEmail } } }",
    ],
)
async def test_a_field_is_found_wherever_it_hides(
    platform: Platform, schema: Schema, query: str
) -> None:
    viewer = Asker(platform, schema, VIEWER)
    assert await viewer.refused(query) == {
        "Order.guestEmail": ["CUSTOMER", "SUPPORT", "FULFILMENT", "ADMIN"]
    }


async def test_all_that_is_refused_is_said_at_once(platform: Platform, schema: Schema) -> None:
    refused = await Asker(platform, schema, ADA).refused(
        "{ head events { nodes { data } } version order(id: 1) { number process { step } } }"
    )
    assert refused == {
        "Query.head": ["STAFF"],
        "Query.events": ["ADMIN"],
        "DomainEvent.data": ["STAFF"],
        "Order.process": ["STAFF"],
        "Process.step": ["STAFF"],
    }


async def test_nothing_of_a_refused_operation_is_done(platform: Platform, schema: Schema) -> None:
    mutation = """mutation {
      createDraftOrder(input: {currency: "GBP"}) { position }
      receiveStock(input: {sku: "TEA", warehouseId: "main", quantity: 1, reference: "x"}) {
        position
      }
    }"""
    support = Asker(platform, schema, staff(Role.SUPPORT))
    assert set(await support.refused(mutation)) == {
        "Mutation.receiveStock",
        "ReceiveStockPayload.position",
    }
    assert platform.store.head() == 0


async def test_only_the_operation_that_is_asked_for_counts(
    platform: Platform, schema: Schema
) -> None:
    document, context = "query A { version } query B { head }", platform.context_for(ADA)
    allowed = await schema.executor.execute(Asked(document, {}, "A"), context)
    refused = await schema.executor.execute(Asked(document, {}, "B"), context)
    assert not allowed.errors
    assert refused.is_refused
    assert (refused.errors[0].extensions or {})["code"] == "FORBIDDEN"


async def test_where_nobody_asks_nothing_is_told(platform: Platform, schema: Schema) -> None:
    nobody = Asker(platform, schema, NOBODY)
    assert set(await nobody.refused("{ version }")) == {"Query.version"}


async def test_a_verdict_is_remembered_for_each_audience(
    platform: Platform, schema: Schema
) -> None:
    query = "{ salesByPeriod(period: DAY) { period } }"
    for _ in range(2):
        assert await Asker(platform, schema, staff(Role.SUPPORT)).refused(query)
        assert not await Asker(platform, schema, staff(Role.FINANCE)).refused(query)


async def test_doubling_fragments_cost_no_more_than_reading(schema: Schema) -> None:
    fragments = (f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    text = f"{{ ...F0 }} {' '.join(fragments)} fragment F60 on Query {{ head }}"
    begun = time.perf_counter()
    operation, *rest = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    shared = {one.name.value: one for one in rest if isinstance(one, FragmentDefinitionNode)}
    refusals = schema.permits.permit(operation, shared).refusals(ADA.audiences)
    assert time.perf_counter() - begun < 1
    assert [(one.extensions or {})["field"] for one in refusals] == ["Query.head"]
