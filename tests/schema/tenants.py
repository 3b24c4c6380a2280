"""A platform of two channels, where three customers have an order each."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from orderlog.domain.envelope import ActorKind
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.stock.commands import stock_stream
from orderlog_schema.principals import Principal, Role
from orderlog_schema.relay import global_id
from orderlog_schema.schema import Schema, build_schema
from orderlog_server.channel_settings import ChannelSettings
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running
from tests.schema.asking import Asker

NORTH: Final = frozenset({"north"})
ADA: Final = Principal(kind=ActorKind.CUSTOMER, id="ada")
BOB: Final = Principal(kind=ActorKind.CUSTOMER, id="bob")
CAROL: Final = Principal(kind=ActorKind.CUSTOMER, id="carol", channel_id="north", channel_ids=NORTH)


def staff(*roles: Role, **more: Any) -> Principal:  # noqa: ANN401 - any field of a principal
    """Of the default channel, where nothing else is said."""
    return Principal(kind=ActorKind.STAFF, id="-".join(roles), roles=frozenset(roles), **more)


def northern(*roles: Role) -> Principal:
    return staff(*roles, channel_id="north", channel_ids=NORTH)


ADMIN: Final = staff(Role.ADMIN)
NORTHERN: Final = northern(Role.ADMIN)


@dataclass(frozen=True)
class Owner:
    """A customer, and what is theirs."""

    customer: str
    channel: str
    order: str
    payment: str

    @property
    def ids(self) -> Mapping[str, str]:
        """Global ids, by the type of what they stand for. Stock is everybody's."""
        keys = {
            "Customer": self.customer,
            "Order": self.order,
            "Payment": self.payment,
            "Process": placement_stream(self.order),
            "StockItem": stock_stream("main", "TEA"),
        }
        return {kind: global_id(kind, key) for kind, key in keys.items()}

    @property
    def marks(self) -> frozenset[str]:
        """What tells in an answer that something of theirs is in it."""
        own = {kind: text for kind, text in self.ids.items() if kind != "StockItem"}
        return frozenset({self.order, self.payment, f'"{self.customer}"', *own.values()})


@dataclass(frozen=True)
class House:
    """To be asked by anybody."""

    platform: Platform
    schema: Schema
    ada: Owner
    bob: Owner
    carol: Owner

    @property
    def owners(self) -> tuple[Owner, ...]:
        return self.ada, self.bob, self.carol

    @property
    def head(self) -> int:
        return self.platform.store.head()

    def by(self, principal: Principal) -> Asker:
        return Asker(self.platform, self.schema, principal)


@asynccontextmanager
async def open_house(database_url: str) -> AsyncGenerator[House]:
    """Ada and Bob order in the default channel, Carol in the north."""
    north = ChannelSettings(id="north", order_number_prefix="N")
    settings = load_settings(database_url=database_url, channels=(north,), cost_points_per_second=0)
    async with running(settings) as platform:
        schema = build_schema()
        admin = Asker(platform, schema, ADMIN)
        await admin.stock("TEA", 100)
        ada, bob, carol = [await _ordering(platform, schema, one) for one in (ADA, BOB, CAROL)]
        yield House(platform, schema, ada, bob, carol)


async def _ordering(platform: Platform, schema: Schema, customer: Principal) -> Owner:
    asker = Asker(platform, schema, customer)
    order = await asker.placed()
    query = "query Payments($id: ID!) { order(id: $id) { payments { paymentId } } }"
    (payment,) = (await asker.ask(query, id=order))["order"]["payments"]
    return Owner(customer.id, customer.channel_id, order, payment["paymentId"])
