"""Which order an event is about: those who follow one order read its payments and process too."""

from collections.abc import Callable
from typing import Any, Final, get_args

from orderlog.domain.aggregate import Created, Event
from orderlog.domain.orders.events import OrderEvent
from orderlog.domain.payments.events import PaymentEvent
from orderlog.domain.processes.commands import parse_process_stream
from orderlog.domain.processes.events import ProcessEvent

_ORDER_PREFIX: Final = len("order-")


def order_of(event: Event) -> str | None:
    """The id of the order that an event of an order, payment or process concerns; else None."""
    read = _READERS.get(type(event))
    return None if read is None else read(event)


def _of_order(event: Event) -> str:
    return event.originator_id[_ORDER_PREFIX:]


def _of_payment(event: Any) -> str:  # noqa: ANN401 - each event of a payment names its order
    return str(event.order_id)


def _of_process(event: Event) -> str:
    return parse_process_stream(event.originator_id)[0]


_READERS: Final[dict[type[Event], Callable[[Any], str]]] = (
    dict.fromkeys(get_args(OrderEvent), _of_order)
    | dict.fromkeys(get_args(PaymentEvent), _of_payment)
    | dict.fromkeys(get_args(ProcessEvent), _of_process)
)
BEGINNINGS: Final = frozenset(kind for kind in _READERS if issubclass(kind, Created))
"""The events with which a stream about an order begins."""
