"""Which order an event is about: those who follow one order read its payments and process too."""

from collections.abc import Callable
from typing import Any, Final, get_args

from orderlog.domain.aggregate import Event
from orderlog.domain.orders.events import OrderEvent
from orderlog.domain.payments.events import PaymentEvent
from orderlog.domain.processes.commands import placement_stream
from orderlog.domain.processes.events import ProcessEvent, ProcessStarted

_ORDER_PREFIX: Final = len("order-")
_PLACEMENT_PREFIX: Final = placement_stream("")


def order_of(event: Event) -> str | None:
    """The id of the order that an event of an order, payment or process concerns, if it says."""
    read = _READERS.get(type(event))
    return None if read is None else read(event)


def _of_order(event: Event) -> str:
    return event.originator_id[_ORDER_PREFIX:]


def _of_payment(event: Any) -> str:  # noqa: ANN401 - each event of a payment names its order
    return str(event.order_id)


def _of_process(event: Event) -> str | None:
    """Only the stream of a placement names its order; others do so in their first event."""
    if isinstance(event, ProcessStarted):
        return event.order_id
    stream_id = event.originator_id
    is_placement = stream_id.startswith(_PLACEMENT_PREFIX)
    return stream_id[len(_PLACEMENT_PREFIX) :] if is_placement else None


_READERS: Final[dict[type[Event], Callable[[Any], str | None]]] = (
    dict.fromkeys(get_args(OrderEvent), _of_order)
    | dict.fromkeys(get_args(PaymentEvent), _of_payment)
    | dict.fromkeys(get_args(ProcessEvent), _of_process)
)
