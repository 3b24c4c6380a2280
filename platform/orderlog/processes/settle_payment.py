"""A payment asks for something outside: ask the gateway, and bring the outcome back.

No command is being decided while the gateway is asked. When it does not answer, the outcome is
unknown, and we ask what became of it, with the same key and ever longer pauses; never again for
the operation itself, and never with a new key.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

import structlog

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import derived_id, utc_now
from orderlog.domain.aggregate import Event
from orderlog.domain.payments.commands import PaymentCommand, RecordOutcomeUnknown, payment_stream
from orderlog.domain.payments.events import (
    CaptureRequested,
    PaymentAuthorized,
    PaymentRequested,
    RefundRequested,
    VoidRequested,
)
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.processes.events import InterventionAction, InterventionApplied
from orderlog.gateways.port import Answer, Authorized, Charge, Failed, GatewayKey, Unknown
from orderlog.gateways.registry import Gateways
from orderlog.processes.gateway_calls import (
    REQUESTS,
    Request,
    call,
    key_of,
    outcome_of,
    payment_of,
)
from orderlog.processes.placement import Placements, payment_id
from orderlog.processes.placing import AUTHORIZE
from orderlog.processes.story import Backoff, Deadlines, metadata_of
from orderlog.processes.stuck import leave_stuck
from orderlog.processes.views import Owed, owed, owed_keys, process_view

ANSWER_SECONDS: Final = 20.0
QUERIES: Final = Backoff(first_seconds=2, longest_seconds=600, attempts_max=10)
INSTRUMENTS_KEPT_MAX: Final = 2_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A payment's gateway, and what that is charged with at each call."""

    gateway: str
    charge: Charge


class SettlePayment:
    """`answer_seconds`: how long one call may take; `queries`: how often we ask afterwards."""

    name: ClassVar[str] = "settlement"
    reacts_to: ClassVar[tuple[type[Event], ...]] = (
        PaymentRequested,
        CaptureRequested,
        VoidRequested,
        RefundRequested,
        InterventionApplied,
    )

    def __init__(
        self,
        bus: CommandBus,
        placements: Placements,
        gateways: Gateways,
        *,
        answer_seconds: float = ANSWER_SECONDS,
        queries: Backoff = QUERIES,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._bus = bus
        self._placements = placements
        self._gateways = gateways
        self._answer_seconds = answer_seconds
        self._queries = queries
        self._now = now
        self._instruments: OrderedDict[str, Instrument] = OrderedDict()
        for gateway in gateways.all():
            gateway.listen(self.hear)

    async def react(self, event: Event, deadlines: Deadlines) -> None:
        if isinstance(event, InterventionApplied):
            await self._ask_again(event, deadlines)
        elif isinstance(event, REQUESTS):
            what = await self._owed(key_of(event))
            if what is not Owed.NOTHING:
                answer = await (self._ask(event) if what is Owed.ANSWER else self._query(event))
                await self._settle(event, answer, deadlines, asked=1)

    async def due(self, order_id: str, deadline: str, deadlines: Deadlines) -> None:  # noqa: ARG002 - a story's signature
        """Time to ask what became of an operation."""
        asked, _, text = deadline.partition("/")
        key = GatewayKey.parse(text)
        if await self._owed(key) is not Owed.NOTHING:
            request = await self._request(key)
            await self._settle(request, await self._query(request), deadlines, asked=int(asked) + 1)

    async def give_up(self, order_id: str, event: Event | None, code: str) -> None:
        await leave_stuck(
            self._bus, order_id, event or (await self._placements.get(order_id)).cause, code
        )

    async def hear(self, key: GatewayKey, answer: Answer) -> None:
        """What a gateway says unasked; the payment knows whether it is news."""
        outcome = outcome_of(key, answer)
        if outcome is not None:
            await self._tell(outcome, await self._request(key), answer.psp_event_id)

    async def _ask(self, request: Request) -> Answer:
        key, instrument = key_of(request), await self._instrument(request)
        gateway = self._gateways.find(instrument.gateway)
        if gateway is None:
            refusal = derived_id(key.payment_id, key.operation, key.n, "no gateway")
            return Failed(psp_event_id=refusal, code="GATEWAY_NOT_FOUND")
        charge = replace(instrument.charge, amount_minor=request.amount)
        return await self._answer(key, call(gateway, key, charge))

    async def _query(self, request: Request) -> Answer:
        key = key_of(request)
        gateway = self._gateways.find((await self._instrument(request)).gateway)
        return await self._answer(key, gateway.query(key)) if gateway else _no_answer(key)

    async def _answer(self, key: GatewayKey, asking: Awaitable[Answer]) -> Answer:
        """Whatever goes wrong on the way, the operation may have happened: it is unknown."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await asking
        except Exception as error:  # noqa: BLE001 - a gateway may fail in any way
            _log.warning("the gateway did not answer", key=str(key), error=repr(error))
            return _no_answer(key)

    async def _settle(
        self, request: Request, answer: Answer, deadlines: Deadlines, *, asked: int
    ) -> None:
        outcome = outcome_of(key_of(request), answer)
        if outcome is None:
            await self._keep_asking(request, deadlines, asked)
            return
        await self._tell(outcome, request, answer.psp_event_id)
        if isinstance(answer, Authorized):
            await self._remember_reference(request, answer.psp_reference)

    async def _keep_asking(self, request: Request, deadlines: Deadlines, asked: int) -> None:
        """After the last time it stays unknown, until it is answered late or an operator acts."""
        key = key_of(request)
        unknown = RecordOutcomeUnknown(
            payment_id=key.payment_id, operation=key.operation, gateway_key=str(key)
        )
        await self._tell(unknown, request, str(key))
        if asked <= self._queries.attempts_max:
            pause = self._queries.pause_seconds(asked, str(key))
            deadlines.set(f"{asked}/{key}", self._now() + timedelta(seconds=pause))

    async def _ask_again(self, event: InterventionApplied, deadlines: Deadlines) -> None:
        """An operator wants it tried again: what has no outcome is asked for, by the same keys."""
        record = await self._bus.inspect(event.originator_id, process_view)
        if record is None or event.action is not InterventionAction.RETRY:
            return
        placement = await self._bus.inspect(placement_stream(record.order_id), process_view)
        attempts = placement.attempts.get(AUTHORIZE, 0) if placement else 0
        for number in range(1, attempts + 1):
            stream_id = payment_stream(payment_id(record.order_id, number))
            for key in await self._bus.inspect(stream_id, owed_keys):
                request = await self._request(key)
                await self._settle(request, await self._ask(request), deadlines, asked=1)

    async def _tell(self, outcome: PaymentCommand, cause: Event, *what: str) -> None:
        command_id = derived_id(outcome.payment_id, type(outcome).__name__, *what)
        await self._bus.execute(outcome, metadata=metadata_of(cause, command_id))

    async def _owed(self, key: GatewayKey) -> Owed:
        stream_id = payment_stream(key.payment_id)
        return await self._bus.inspect(stream_id, lambda payment: owed(payment, key))

    async def _request(self, key: GatewayKey) -> Request:
        """The event that asked for the operation."""
        events = await self._placements.events(payment_stream(key.payment_id))
        return next(e for e in events if isinstance(e, REQUESTS) and key_of(e) == key)

    async def _instrument(self, request: Request) -> Instrument:
        kept = self._instruments.get(payment_of(request))
        if kept is not None:
            return kept
        if isinstance(request, PaymentRequested):
            return self._remember(request, None)
        events = await self._placements.events(request.originator_id)
        requested = next(one for one in events if isinstance(one, PaymentRequested))
        authorized = [one.psp_reference for one in events if isinstance(one, PaymentAuthorized)]
        return self._remember(requested, next(iter(authorized), None))

    def _remember(self, requested: PaymentRequested, psp_reference: str | None) -> Instrument:
        charge = Charge(
            order_id=requested.order_id,
            method=requested.method,
            amount_minor=requested.amount,
            currency=requested.currency,
            psp_reference=psp_reference,
        )
        instrument = Instrument(gateway=requested.gateway, charge=charge)
        self._instruments[requested.payment_id] = instrument
        if len(self._instruments) > INSTRUMENTS_KEPT_MAX:
            self._instruments.popitem(last=False)
        return instrument

    async def _remember_reference(self, request: Request, psp_reference: str) -> None:
        instrument = await self._instrument(request)
        charge = replace(instrument.charge, psp_reference=psp_reference)
        self._instruments[payment_of(request)] = replace(instrument, charge=charge)


def _no_answer(key: GatewayKey) -> Unknown:
    return Unknown(psp_event_id=str(key))
