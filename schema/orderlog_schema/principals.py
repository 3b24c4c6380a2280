"""Who asks, and what they may see and do: read from a token, checked by the schema."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Final

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.envelope import DEFAULT_CHANNEL, Actor, ActorKind
from orderlog.domain.orders.order import Order
from orderlog.domain.payments.payment import Payment
from orderlog.domain.processes.process import Process
from orderlog.domain.stock.stock_item import StockItem
from orderlog_projections.reach import Reach


class Role(StrEnum):
    """What a member of staff, or an application, is there for."""

    VIEWER = "viewer"
    SUPPORT = "support"
    FULFILMENT = "fulfilment"
    FINANCE = "finance"
    ADMIN = "admin"


class Audience(StrEnum):
    """Whom a field of the schema may be for; everybody belongs to several."""

    EVERYBODY = "EVERYBODY"
    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    VIEWER = "VIEWER"
    SUPPORT = "SUPPORT"
    FULFILMENT = "FULFILMENT"
    FINANCE = "FINANCE"
    ADMIN = "ADMIN"


@cache
def audiences_of(kind: ActorKind, roles: frozenset[Role]) -> frozenset[Audience]:
    """Roles count for staff and applications only, who may nothing without one.

    The platform itself may do everything.
    """
    if kind is ActorKind.CUSTOMER:
        return frozenset({Audience.EVERYBODY, Audience.CUSTOMER})
    if kind is ActorKind.SYSTEM:
        roles = frozenset({Role.ADMIN})
    if not roles:
        return frozenset()
    own = (Audience[role.name] for role in roles)
    return frozenset({Audience.EVERYBODY, Audience.STAFF, *own})


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """One who asks. A customer's `id` is the customer's id, and sees only what is theirs."""

    kind: ActorKind
    id: str
    roles: frozenset[Role] = frozenset()
    channel_id: str = DEFAULT_CHANNEL
    """The channel (tenant) that it writes to."""
    channel_ids: frozenset[str] | None = frozenset({DEFAULT_CHANNEL})
    """The channels that it may read; None for every one."""
    expires_at: datetime | None = None
    """When it must prove again who it is; None for never."""
    token_id: str | None = None
    """What it proved it with; None where nobody asked."""
    issued_at: datetime | None = None
    """When that was issued."""

    @property
    def actor(self) -> Actor:
        """As events name it."""
        return Actor(self.kind, self.id)

    @property
    def customer_id(self) -> str | None:
        """Whose things alone it may see and touch; None for those who are no customer."""
        return self.id if self.kind is ActorKind.CUSTOMER else None

    @property
    def audiences(self) -> frozenset[Audience]:
        """What it may ask for at all."""
        return audiences_of(self.kind, self.roles)

    @property
    def reach(self) -> Reach:
        """Whose rows it is shown."""
        return Reach(self.customer_id, self.channel_ids)

    def may_touch(self, aggregate: Aggregate) -> bool:
        """Whether a command of it finds this: shown to it, and of the channel that it writes to.

        Stock is shared by all channels.
        """
        match aggregate:
            case Order(channel_id=self.channel_id):
                return self.reach.covers(aggregate)
            case Payment(channel_id=self.channel_id) | Process(channel_id=self.channel_id):
                return self.customer_id is None and self.reach.covers_channel(self.channel_id)
            case _:
                return isinstance(aggregate, StockItem)

    @property
    def scope(self) -> Hashable:
        """What makes two principals be shown the same."""
        return self.customer_id, self.audiences, self.channel_id, self.channel_ids


NOBODY: Final = Principal(kind=ActorKind.APP, id="nobody", channel_ids=frozenset())
"""Who has not said yet who it is: may nothing, and sees nothing."""

LOCAL: Final = Principal(
    kind=ActorKind.APP, id="anonymous", roles=frozenset({Role.ADMIN}), channel_ids=None
)
"""Who asks where nobody is asked to prove it: on loopback, and in this process itself."""
