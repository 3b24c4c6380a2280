"""Sends a plan to the platform, window by window, and learns what became of each step.

Within a window all orders are placed side by side and the placement processes come to rest; then
shipments, cancellations, returns and adjustments go in order of time, for the writer takes
commands in the order in which they are sent.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.envelope import DEFAULT_CHANNEL, CommandMetadata
from orderlog.domain.orders.commands import order_stream
from orderlog.domain.orders.events import OrderRejected, OrderStatus
from orderlog.domain.orders.order import Order
from orderlog.domain.rejections import Rejected
from orderlog_server.imports.online_retail.commands import (
    CommandsOf,
    metadata,
    metadata_of,
    order_id,
    subject_of,
)
from orderlog_server.imports.online_retail.journal import ACCEPTED, Journal
from orderlog_server.imports.online_retail.plan import Plan, Window
from orderlog_server.imports.online_retail.steps import AnyStep, Place
from orderlog_server.wiring import Platform

UNITS_AT_ONCE_MAX: Final = 500

OnStep = Callable[[AnyStep], object]
MakeUnit = Callable[[], tuple[Sequence[Command], CommandMetadata]]


class ImportStopped(Exception):
    """Somebody asked to stop, and what was in flight is done."""

    def __init__(self) -> None:
        super().__init__(
            "The import was stopped; nothing is half done, and the same command again goes on "
            "from there."
        )


class ImportRun:
    """`on_step` is called for every step that is done, in this run or an earlier one."""

    def __init__(self, platform: Platform, on_step: OnStep) -> None:
        self.journal = Journal(platform.store)
        self._platform = platform
        self._on_step = on_step
        self._is_stopping = False
        self._commands_of = CommandsOf(
            channel=platform.channels.get(DEFAULT_CHANNEL),
            warehouse_id=platform.settings.warehouse_id,
            seal=platform.personal_data.seal,
        )

    def stop(self) -> None:
        """After what is in flight."""
        self._is_stopping = True

    async def send(self, plan: Plan, stock_factor: float) -> None:
        """Raises `ImportStopped`."""
        if plan.steps:
            await self._fill_shelves(plan.opening, stock_factor, plan.steps[0].at)
        for window in plan.windows:
            await self._send_window(window)

    def code_of(self, step: AnyStep) -> str | None:
        """How a step ended: `ACCEPTED`, a code, or None where it was never sent."""
        code = self.journal.get(step.key)
        if code == ACCEPTED and isinstance(step, Place):
            return self.journal.get(_outcome_key(step))
        return code

    async def _fill_shelves(
        self, opening: Mapping[str, int], stock_factor: float, at: datetime
    ) -> None:
        skus = [sku for sku in opening if self.journal.get(_opening_key(sku)) is None]

        def fill(sku: str) -> tuple[Sequence[Command], CommandMetadata]:
            commands = self._commands_of.opening(sku, int(opening[sku] * stock_factor))
            return commands, metadata(_opening_key(sku), at)

        await self._send_units(list(map(_opening_key, skus)), [partial(fill, sku) for sku in skus])

    async def _send_window(self, window: Window) -> None:
        orders = [order for order in window.orders if self.code_of(order) is None]
        if orders:
            await self._place(orders)
        rest = [step for step in window.rest if self.code_of(step) is None]
        if rest:
            await self._send_steps(rest)
            await self._platform.processes.settled()
        for step in (*window.orders, *window.rest):
            self._on_step(step)

    async def _place(self, orders: Sequence[Place]) -> None:
        """Those that an interrupted run has sent already are only asked about."""
        unsent = [order for order in orders if self.journal.get(order.key) is None]
        await asyncio.to_thread(self._meet, unsent)
        await self._send_steps(unsent)
        await self._platform.processes.settled()
        placed = [order for order in orders if self.journal.get(order.key) == ACCEPTED]
        outcomes = await asyncio.gather(*map(self._outcome_of, placed))
        known = {
            _outcome_key(order): outcome
            for order, outcome in zip(placed, outcomes, strict=True)
            if outcome is not None
        }
        await self.journal.note(known)

    def _meet(self, orders: Sequence[Place]) -> None:
        """A person's first sealing writes a key to the database: not on the event loop."""
        for order in orders:
            self._platform.personal_data.seal(subject_of(order), None)

    async def _outcome_of(self, order: Place) -> str | None:
        """`ACCEPTED` for a confirmed order, or a code; None where its process is stuck."""
        stream_id = order_stream(order_id(order))
        match await self._platform.bus.inspect(stream_id, _status_of):
            case OrderStatus.CONFIRMED | OrderStatus.COMPLETED:
                return ACCEPTED
            case OrderStatus.REJECTED:
                return await asyncio.to_thread(self._rejection_of, stream_id)
            case OrderStatus.PENDING | OrderStatus.DRAFT | None:
                return None
            case ended:
                return str(ended)

    def _rejection_of(self, stream_id: str) -> str:
        events = (recorded.event for recorded in self._platform.log.stream(stream_id))
        return next(event.code for event in events if isinstance(event, OrderRejected))

    async def _send_steps(self, steps: Sequence[AnyStep]) -> None:
        await self._send_units(
            [step.key for step in steps], [partial(self._unit_of, step) for step in steps]
        )

    def _unit_of(self, step: AnyStep) -> tuple[Sequence[Command], CommandMetadata]:
        return self._commands_of(step), metadata_of(step)

    async def _send_units(self, keys: Sequence[str], units: Sequence[MakeUnit]) -> None:
        """In order, and so decided in order; a few hundred wait for the disk together."""
        for start in range(0, len(keys), UNITS_AT_ONCE_MAX):
            if self._is_stopping:
                raise ImportStopped
            batch = slice(start, start + UNITS_AT_ONCE_MAX)
            codes = await asyncio.gather(*map(self._send_unit, keys[batch], units[batch]))
            await self.journal.note(
                {key: code for key, code in zip(keys[batch], codes, strict=True) if code}
            )

    async def _send_unit(self, key: str, make: MakeUnit) -> str | None:
        """The code of a refusal that is final. Raises those that are worth another try."""
        commands, metadata = make()
        try:
            await self._platform.bus.execute(
                *commands, metadata=metadata, idempotency=self.journal.idempotency_of(key)
            )
        except Rejected as rejection:
            if rejection.retryable:
                raise
            return rejection.code
        self.journal.accepted(key)
        return None


def _opening_key(sku: str) -> str:
    return f"opening/{sku}"


def _outcome_key(order: Place) -> str:
    return f"outcome/{order.invoice}"


def _status_of(aggregate: Aggregate | None) -> OrderStatus | None:
    return aggregate.status if isinstance(aggregate, Order) else None
