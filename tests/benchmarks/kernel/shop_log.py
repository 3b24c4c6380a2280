"""Long logs of a whole shop in a few seconds: some orders once, then copies with ids of their own.

Orders end in every way there is, as in the tests of the read models; customers, products and
numbers differ from copy to copy.
"""

from collections.abc import Iterator
from typing import Final

from eventsourcing.persistence import StoredEvent

from orderlog.eventstore.codec import EventCodec
from orderlog.eventstore.recorder import AppendUnit
from orderlog.eventstore.store import EventStore
from tests.projections.shop import Log, OrderStory, fill

ORDERS_PER_COPY: Final = 500
SKUS: Final = 50
EVENTS_AT_ONCE: Final = 5_000
ORDERS_SEED: Final = 2
MARK: Final = "b0b0b0b0"
"""Eight digits in every id of the first copy, which are others in each further one."""
CUSTOMERS: Final = (b'"C1"', b'"C2"')


class MarkedLog(Log):
    def new_id(self) -> str:
        return MARK + super().new_id()[len(MARK) :]


def append_shop(store: EventStore, count: int) -> int:
    """Appends the log of a shop, about `count` events long; returns the head."""
    codec, log = EventCodec(), MarkedLog(seed=1)
    fill(log, [f"{MARK}-{number}" for number in range(SKUS)], ORDERS_PER_COPY)
    copied = [codec.to_stored_event(event) for event in log.events]
    for number in range(max(1, round(count / len(copied)))):
        store.recorder.append([AppendUnit([*_copy(copied, number)])])
    return store.head()


def _copy(events: list[StoredEvent], number: int) -> Iterator[StoredEvent]:
    mark = f"{number:08x}"
    here, there = MARK.encode(), mark.encode()
    for event in events:
        own = event.state.replace(here, there)
        for customer in CUSTOMERS:
            own = own.replace(customer, customer[:-1] + b"-" + there + b'"')
        stream_id = str(event.originator_id).replace(MARK, mark)
        yield StoredEvent(stream_id, event.originator_version, event.topic, own)


def append_orders(store: EventStore, orders: int, lines: int) -> int:
    """Appends confirmed orders, all of them with as many lines; returns the head."""
    codec, log = EventCodec(), Log(ORDERS_SEED)
    for number in range(orders):
        _confirmed(OrderStory(log, customer_id=f"customer-{number % SKUS}"), number, lines)
    events = [codec.to_stored_event(event) for event in log.events]
    for first in range(0, len(events), EVENTS_AT_ONCE):
        store.recorder.append([AppendUnit(events[first : first + EVENTS_AT_ONCE])])
    return store.head()


def first_order_id() -> str:
    """Of those that `append_orders` appends."""
    return OrderStory(Log(ORDERS_SEED)).order_id


def _confirmed(story: OrderStory, number: int, lines: int) -> None:
    for line in range(lines):
        story.line(f"SKU-{(number + line) % SKUS}", 1 + line, 250 + number % 1_000)
    story.ship_to(price=350)
    story.place(str(1_000 + number))
    story.start_process()
    story.request_payment()
    story.authorize()
    story.confirm()
    story.finish_process()
