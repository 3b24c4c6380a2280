"""The library's own subscription: one subscriber in the same process, on PostgreSQL."""

import threading
import time
from datetime import UTC, datetime
from uuid import UUID

from eventsourcing.application import Application

from tests.benchmarks.kernel.library import Item, environment


def subscribed(url: str, rate: float, seconds: float) -> list[float]:
    """Seconds from the making of each event, before its `save()`, to its subscriber."""
    application = Application[UUID](env=environment(url))
    item, count = Item("TEA"), round(rate * seconds)
    application.save(item)
    subscription = application.recorder.subscribe(gt=application.recorder.max_notification_id())
    spent: list[float] = []

    def listen() -> None:
        for notification in subscription:
            event = application.mapper.to_domain_event(notification)
            assert isinstance(event, Item.Event)
            spent.append((datetime.now(UTC) - event.timestamp).total_seconds())
            if len(spent) == count:
                subscription.stop()

    listener = threading.Thread(target=listen)
    with subscription:
        listener.start()
        begun = time.perf_counter()
        for number in range(count):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            item.receive(1, "bench")
            application.save(item)
        listener.join()
    application.close()
    return spent
