"""The same shop on the library alone, behind Starlette: a `save()` for each step of an order.

    python -m tests.benchmarks.kernel.library_shop DATABASE_URL

Drafts (three lines and address) and placements are saved by the request, on a pool of threads; then
the library's runner reserves each line, authorizes the payment and confirms, one `save()` each.
"""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Generator
from threading import Event, Thread
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import uvicorn
from eventsourcing.application import Application
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment, get_topic
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.benchmarks.kernel.library import Item, environment

PULLED_EVENTS: Final = 100
POLL_SECONDS: Final = 0.005


class Order(Aggregate):
    @event("Drafted")
    def __init__(self, customer_id: str, address: dict[str, str]) -> None:
        self.customer_id = customer_id
        self.address = address
        self.lines: list[dict[str, Any]] = []
        self.status = "DRAFT"

    @event("LineAdded")
    def add(self, line: dict[str, Any]) -> None:
        self.lines.append(line)

    class Placed(Aggregate.Event):
        """Named, for the runner asks for these alone."""

    @event(Placed)
    def place(self) -> None:
        self.status = "PENDING"

    @event("Confirmed")
    def confirm(self) -> None:
        self.status = "CONFIRMED"


class Payment(Aggregate):
    @event("Requested")
    def __init__(self, order_id: UUID) -> None:
        self.order_id = order_id
        self.reference = ""

    @event("Authorized")
    def authorize(self, reference: str) -> None:
        self.reference = reference


class StockedItem(Item):
    """Found by its SKU."""

    @staticmethod
    def create_id(sku: str) -> UUID:
        return uuid5(NAMESPACE_URL, sku)


class Shop(Application[UUID]):
    """Every method is one `save()`."""

    name = "stored"

    def draft(self, customer_id: str, lines: list[dict[str, Any]], address: dict[str, str]) -> UUID:
        order = Order(customer_id, address)
        for line in lines:
            order.add(line)
        self.save(order)
        return order.id

    def place(self, order_id: UUID) -> None:
        order: Order = self.repository.get(order_id)
        order.place()
        self.save(order)

    def stock(self, sku: str, quantity: int) -> None:
        item = StockedItem(sku)
        item.receive(quantity, "opening")
        self.save(item)

    def reserve(self, sku: str, order_id: UUID, quantity: int) -> None:
        item: StockedItem = self.repository.get(StockedItem.create_id(sku))
        item.reserve(order_id, quantity)
        self.save(item)

    def authorize(self, order_id: UUID) -> None:
        payment = Payment(order_id)
        payment.authorize(str(order_id))
        self.save(payment)

    def confirm(self, order: Order) -> None:
        order.confirm()
        self.save(order)


class Fulfilment(Projection[TrackingRecorder]):
    """What follows a placement. `confirmed` counts the orders that are through."""

    name = "fulfilment"
    topics = (get_topic(Order.Placed),)

    def __init__(self, view: TrackingRecorder) -> None:
        super().__init__(view)
        self.shop = Shop()
        self.confirmed = 0

    @singledispatchmethod
    def process_event(self, domain_event: Any, tracking: Tracking) -> None:  # noqa: ANN401 - theirs
        order: Order = self.shop.repository.get(domain_event.originator_id)
        for line in order.lines:
            self.shop.reserve(line["sku"], order.id, line["quantity"])
        self.shop.authorize(order.id)
        self.shop.confirm(order)
        self.view.insert_tracking(tracking)
        self.confirmed += 1


@contextlib.contextmanager
def fulfilling() -> Generator[Fulfilment]:
    """The library's runner; on SQLite, where it has no subscriptions, a loop that does its work."""
    if "POSTGRES_DBNAME" in os.environ:
        with ProjectionRunner(
            application_class=Shop, projection_class=Fulfilment, view_class=PostgresTrackingRecorder
        ) as runner:
            assert isinstance(runner.projection, Fulfilment)
            yield runner.projection
        return
    factory = SQLiteFactory(Environment(Fulfilment.name, os.environ))
    projection, stopped = Fulfilment(factory.tracking_recorder(SQLiteTrackingRecorder)), Event()
    thread = Thread(target=pull, args=(projection, stopped))
    thread.start()
    yield projection
    stopped.set()
    thread.join()


def pull(projection: Fulfilment, stopped: Event) -> None:
    shop, position = Shop(), 0
    while not stopped.wait(POLL_SECONDS):
        found = shop.recorder.select_notifications(
            position + 1, PULLED_EVENTS, topics=projection.topics
        )
        for stored in found:
            position = stored.id
            placed = shop.mapper.to_domain_event(stored)
            projection.process_event(placed, Tracking(shop.name, position))


def routes(shop: Shop, fulfilment: Fulfilment) -> list[Route]:
    told = 0

    async def stock(asked: dict[str, Any]) -> object:
        return await run_in_threadpool(shop.stock, asked["sku"], asked["quantity"])

    async def draft(asked: dict[str, Any]) -> object:
        lines, (address,) = asked["lines"], asked["addresses"]
        order_id = await run_in_threadpool(shop.draft, asked["customerId"], lines, address)
        return {"orderId": str(order_id)}

    async def place(asked: dict[str, Any]) -> object:
        return await run_in_threadpool(shop.place, UUID(asked["orderId"]))

    async def settled(_: dict[str, Any]) -> object:
        nonlocal told
        before, told = told, fulfilment.confirmed
        return {"CONFIRMED": told - before}

    return [route(answer) for answer in (stock, draft, place, settled)]


def route(answer: Callable[[dict[str, Any]], Awaitable[object]]) -> Route:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(await answer(await request.json()))

    return Route(f"/{answer.__name__}", endpoint, methods=["POST"])


def main(database_url: str) -> None:
    os.environ.update(environment(database_url))
    listener = socket.create_server(("127.0.0.1", 0))
    shop = Shop()
    with fulfilling() as fulfilment:
        app = Starlette(routes=routes(shop, fulfilment))
        print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1])
