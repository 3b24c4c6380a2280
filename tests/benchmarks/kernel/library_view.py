"""The order list kept by the library's runner: the same events, codec and rows as ours.

Only the way differs: one event, one transaction, and its tracking inside.
"""

import time
from collections.abc import Mapping
from threading import Event as Signal
from typing import Any, Final

import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.persistence import Mapper, Tracking, TrackingRecorder
from eventsourcing.projection import BaseProjectionRunner, Projection

from orderlog.eventstore.codec import EventCodec
from orderlog.eventstore.store import RecordedEvent
from orderlog_projections.database import ReadDatabase
from orderlog_projections.order_list.projector import PROJECTION as ORDER_LIST
from tests.benchmarks.kernel.library import environment

POLL_SECONDS: Final = 0.001
PULLED_EVENTS: Final = 1_000
TRACKED: Final = sa.Table("tracked", sa.MetaData(), sa.Column("position", sa.BigInteger()))


class Log(Application[str]):
    """Our log under the library's own application, with our codec: the quicker one."""

    name = "stored"  # the table of events is called after it

    def construct_mapper(self) -> Mapper[str]:
        return EventCodec()


class OrderListView(TrackingRecorder):
    """The rows of our own order list, in our own database of read models."""

    def __init__(self, database: ReadDatabase) -> None:
        self.position = 0
        self._database = database
        with database.write() as connection:
            TRACKED.create(connection)
            connection.execute(sa.insert(TRACKED).values(position=0))

    def write(self, recorded: RecordedEvent) -> None:
        with self._database.write() as connection:
            self._track(connection, recorded.position)
            ORDER_LIST.write_page(connection, [recorded])
        self.position = recorded.position

    def insert_tracking(self, tracking: Tracking) -> None:
        with self._database.write() as connection:
            self._track(connection, tracking.notification_id)
        self.position = tracking.notification_id

    def max_tracking_id(self, application_name: str) -> int | None:  # noqa: ARG002 - theirs
        return self.position or None

    def wait(
        self,
        application_name: str,
        notification_id: int | None,
        timeout: float = 1.0,
        interrupt: Signal | None = None,
    ) -> None:
        raise NotImplementedError

    def _track(self, connection: sa.Connection, position: int) -> None:
        connection.execute(sa.update(TRACKED).values(position=position))


class OrderList(Projection[OrderListView]):
    """As the documentation writes one."""

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - theirs
        if type(domain_event) in ORDER_LIST.event_types:
            self.view.write(RecordedEvent(tracking.notification_id, domain_event))
        else:
            self.view.insert_tracking(tracking)


def followed(url: str, database: ReadDatabase, seconds: float) -> float:
    """Events per second of the library's runner, from the beginning of the log."""
    env = environment(url) | {"ORIGINATOR_ID_TYPE": "text"}
    projection = OrderList(OrderListView(database))
    if url.startswith("sqlite"):
        return pulled(env, projection, seconds)
    view = projection.view
    with BaseProjectionRunner[Log](
        projection=projection, application_class=Log, tracking_recorder=view, topics=(), env=env
    ):
        while not view.position:
            time.sleep(POLL_SECONDS)
        first, begun = view.position, time.perf_counter()
        time.sleep(seconds)
        return (view.position - first) / (time.perf_counter() - begun)


def pulled(env: Mapping[str, str], projection: OrderList, seconds: float) -> float:
    """SQLite has no subscriptions there: a loop pulls the events and does what the runner does."""
    log, done, begun = Log(env), 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        after = projection.view.position
        for stored in log.recorder.select_notifications(after + 1, PULLED_EVENTS):
            event = log.mapper.to_domain_event(stored)
            projection.process_event(event, Tracking(log.name, stored.id))
            done += 1
            if time.perf_counter() - begun >= seconds:
                break
    rate = done / (time.perf_counter() - begun)
    log.close()
    return rate
