"""Which aggregate a command goes to: a list that can be read, and the one way to decide."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, get_args

from orderlog.domain.aggregate import EVENT_TYPES, Aggregate, Event
from orderlog.domain.commands import Command
from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.orders.commands import CreateDraftOrder, ImportOrder, OrderCommand
from orderlog.domain.orders.order import Order
from orderlog.domain.payments.commands import PaymentCommand, RequestPayment
from orderlog.domain.payments.payment import Payment
from orderlog.domain.processes.commands import ProcessCommand, StartProcess
from orderlog.domain.processes.process import Process
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.domain.stock.commands import RegisterStockItem, StockCommand
from orderlog.domain.stock.stock_item import StockItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An aggregate, the commands that it takes, and what a command finds where it is missing."""

    aggregate: type[Aggregate]
    creating: tuple[type[Command], ...]
    commands: tuple[type[Command], ...]
    not_found: ErrorCode
    id_path: str


AGGREGATES: Final = (
    Route(
        aggregate=Order,
        creating=(CreateDraftOrder, ImportOrder),
        commands=get_args(OrderCommand),
        not_found=ErrorCode.ORDER_NOT_FOUND,
        id_path="orderId",
    ),
    Route(
        aggregate=StockItem,
        creating=(RegisterStockItem,),
        commands=get_args(StockCommand),
        not_found=ErrorCode.SKU_NOT_FOUND,
        id_path="sku",
    ),
    Route(
        aggregate=Payment,
        creating=(RequestPayment,),
        commands=get_args(PaymentCommand),
        not_found=ErrorCode.PAYMENT_NOT_FOUND,
        id_path="paymentId",
    ),
    Route(
        aggregate=Process,
        creating=(StartProcess,),
        commands=get_args(ProcessCommand),
        not_found=ErrorCode.PROCESS_NOT_FOUND,
        id_path="processId",
    ),
)

ROUTES: Final = MappingProxyType(
    {command: route for route in AGGREGATES for command in route.commands}
)
"""By the class of the command."""


def decide(aggregate: Aggregate | None, command: Command, envelopes: EnvelopeSequence) -> Aggregate:
    """The aggregate with what the command made of it in `pending_events`, maybe nothing.

    `aggregate` is None where the stream does not exist. Raises `Rejected` with nothing recorded.
    """
    if aggregate is not None:
        aggregate.handle(command, envelopes)
        return aggregate
    route = ROUTES[type(command)]
    if type(command) not in route.creating:
        message = f"There is no {command.stream_id}."
        raise Rejected(route.not_found, message, path=(route.id_path,))
    return route.aggregate.begin(command, envelopes)


def rebuild(events: Iterable[Event], aggregate: Aggregate | None = None) -> Aggregate | None:
    """The aggregate as its events left it, all or those since; None where there are none."""
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


def event_type(topic: str) -> type[Event] | None:
    """The class of a stored event; with the aggregates, all of them are known here."""
    return EVENT_TYPES.get(topic)
