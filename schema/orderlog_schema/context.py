"""What resolvers need: made by the server, one for each request or connection."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec, TypeAlias, TypeVar

import strawberry

from orderlog.application.channels import Channel, Channels
from orderlog.application.command_bus import CommandBus
from orderlog.application.order_numbers import OrderNumbers
from orderlog.application.personal_data import PersonalData
from orderlog.application.warehouses import Warehouses
from orderlog.consumers.event_log import EventLog
from orderlog.consumers.following import Reading
from orderlog.consumers.live import Hub
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.rejections import Rejected
from orderlog.domain.values import Sealed
from orderlog_projections.asking import Asking
from orderlog_projections.consistency import Change
from orderlog_projections.database import ReadDatabase
from orderlog_projections.dead_letters import DeadLetter
from orderlog_projections.order_list.queries import OrderListPage
from orderlog_projections.order_page.queries import NAME as ORDER_PAGE
from orderlog_projections.order_page.queries import find_order_pages
from orderlog_projections.order_page.tables import ORDER_PAGES, OrderPage
from orderlog_projections.reach import Reach
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.replay import Replayed, Where
from orderlog_projections.runner import ProjectionRunner
from orderlog_projections.status import ProjectionStatus
from orderlog_schema.budgets import Budgets
from orderlog_schema.principals import LOCAL, Principal

P = ParamSpec("P")
T = TypeVar("T")

Query: TypeAlias = Callable[[Any], T]
"""Asks a read model, given a connection."""

MIN_POSITION_SECONDS_MAX: Final = 2.0
EVERY_READ_MODEL: Final = tuple(projection.name for projection in PROJECTIONS)


@dataclass(frozen=True, slots=True)
class ReadModels:
    """The door to the read models: their tables, and who keeps them."""

    database: ReadDatabase
    runner: ProjectionRunner

    async def read(self, query: Query[T]) -> T:
        """Runs a query, or several on the same snapshot, in a thread."""
        return await answer_of(Asking(self.database.read, query))

    async def read_once(self, query: Query[T]) -> T:
        """Runs a query of one statement, in a thread."""
        return await answer_of(Asking(self.database.read_once, query))

    async def list_orders(
        self, query: Query[OrderListPage], *, with_pages: bool
    ) -> tuple[OrderListPage, dict[str, OrderPage]]:
        """Orders of a list, and their pages by order where these are wanted."""

        def ask(connection: Any) -> tuple[OrderListPage, dict[str, OrderPage]]:  # noqa: ANN401 - of the library beneath
            listed = query(connection)
            order_ids = [row.order_id for row in listed.rows] if with_pages else []
            pages, missing = self._at_hand(order_ids)
            return listed, pages | pages_in(connection, missing)

        return await self.read(ask)

    async def order_pages(self, order_ids: Sequence[str]) -> dict[str, OrderPage]:
        """The pages of these orders, by order; unknown ids are left out. 1 query, or none."""
        pages, missing = self._at_hand(order_ids)
        if missing:
            pages |= await self.read_once(lambda connection: pages_in(connection, missing))
        return pages

    def _at_hand(self, order_ids: Sequence[str]) -> tuple[dict[str, OrderPage], list[str]]:
        """Pages that were written not long ago; and the orders whose pages must be read."""
        recent = partial(self.runner.recent, ORDER_PAGE, ORDER_PAGES)
        pages = {one: page for one in order_ids if (page := recent(one)) is not None}
        return pages, [one for one in dict.fromkeys(order_ids) if one not in pages]

    async def wait(
        self,
        position: int,
        timeout_seconds: float = MIN_POSITION_SECONDS_MAX,
        names: Iterable[str] = EVERY_READ_MODEL,
    ) -> bool:
        """Whether these have read up to a position, at the latest after the timeout."""
        return await self.runner.consistency.wait(names, position, timeout_seconds)

    @property
    def moves(self) -> int:
        """How often what they show has become another."""
        return self.runner.consistency.moves

    def changes(self, name: str) -> AsyncGenerator[Change]:
        """From now on: how far a read model has come, and the keys of the rows that changed."""
        return self.runner.consistency.changes(name)

    def position_of(self, name: str) -> int:
        """How far a read model has come."""
        return self.runner.consistency.position_of(name)

    async def replay(self, where: Where) -> Replayed:
        """Brings dead letters back, as far as they apply. Raises `DEAD_LETTER_NOT_FOUND`."""
        return await in_thread(self.runner.replay, where)

    async def discard(self, where: Where, reason: str) -> Sequence[DeadLetter]:
        """Gives dead letters up. Raises `DEAD_LETTER_NOT_FOUND`, `REASON_REQUIRED`."""
        return await in_thread(self.runner.discard, where, reason)

    async def statuses(self) -> Sequence[ProjectionStatus]:
        """How far each of them is."""
        return list((await in_thread(self.runner.positions)).values())


@dataclass(frozen=True, kw_only=True)
class Context:
    """Shared parts of the process, and who is asking."""

    bus: CommandBus
    channels: Channels
    warehouses: Warehouses
    order_numbers: OrderNumbers
    personal_data: PersonalData
    log: EventLog
    hub: Hub
    read_models: ReadModels
    principal: Principal = LOCAL
    budgets: Budgets = field(default_factory=Budgets)
    reading: Reading = field(default_factory=Reading)
    """For the one subscription that this context was made for: what it reads, and how far it is."""

    @property
    def reach(self) -> Reach:
        """Whose rows are shown to the one who asks."""
        return self.principal.reach

    async def inspect(self, stream_id: str, read: Callable[[Aggregate | None], T]) -> T:
        """Reads something off an aggregate, None where it is not for the one who asks."""
        sees = self.principal.may_touch
        return await self.bus.inspect(
            stream_id, lambda found: read(found if found and sees(found) else None)
        )

    async def list_orders(
        self, query: Query[OrderListPage], *, with_pages: bool
    ) -> tuple[OrderListPage, dict[str, OrderPage]]:
        """Orders of a list; and their pages by order, where wanted, that are for the one who asks.

        1 query for all pages, or none.
        """
        listed, pages = await self.read_models.list_orders(query, with_pages=with_pages)
        return listed, self._covered(pages)

    async def pages_of(self, order_ids: Sequence[str]) -> dict[str, OrderPage]:
        """The pages of these orders that are for the one who asks, by order. 1 query, or none."""
        return self._covered(await self.read_models.order_pages(order_ids))

    def _covered(self, pages: dict[str, OrderPage]) -> dict[str, OrderPage]:
        reach = self.reach
        if reach.is_unlimited:
            return pages
        return {order_id: page for order_id, page in pages.items() if reach.covers(page)}

    async def is_stale(self, min_position: int | None, *names: str) -> bool:
        """Waits for read models; true where they have not come as far in time."""
        if min_position is None:
            return False
        return not await self.read_models.wait(min_position, names=names)

    async def next_number(self, channel: Channel) -> str:
        numbers = self.order_numbers
        if numbers.has_next(channel):
            return numbers.next(channel)
        return await in_thread(numbers.next, channel)

    async def sealed(self, subject_id: str, value: object) -> Sealed:
        seal = self.personal_data.seal
        if self.personal_data.has_key(subject_id):
            return seal(subject_id, value)
        return await in_thread(seal, subject_id, value)

    async def opened(self, sealed: Sealed | None, as_type: type[T]) -> T | None:
        """What was sealed; None where there was nothing, or the person's key is gone."""
        if sealed is None:
            return None
        unseal = self.personal_data.open
        try:
            if self.personal_data.has_key(sealed.subject_id):
                return unseal(sealed, as_type)
            return await in_thread(unseal, sealed, as_type)
        except Rejected:
            return None


async def answer_of(asking: Asking[T]) -> T:
    """In a thread; who waits no more, after a deadline or a farewell, gives it up."""
    try:
        return await in_thread(asking.answer)
    except asyncio.CancelledError:
        asking.give_up()
        raise


def pages_in(connection: Any, order_ids: Sequence[str]) -> dict[str, OrderPage]:  # noqa: ANN401 - of the library beneath
    pages = find_order_pages(connection, order_ids) if order_ids else ()
    return {page.order_id: page for page in pages}


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """For what blocks."""
    return await asyncio.to_thread(work, *args, **kwargs)


Info: TypeAlias = strawberry.Info[Context, None]
