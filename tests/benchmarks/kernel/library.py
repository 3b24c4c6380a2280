"""The event sourcing library as its documentation uses it: what we measure ourselves against."""

from typing import Final
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from orderlog.eventstore.urls import SqliteLocation, parse_url

THREADS: Final = 16
ITEMS_PER_SAVE: Final = 100


def environment(url: str) -> dict[str, str]:
    """The library's settings for a database; its SQLite commits with an fsync, as ours does."""
    location = parse_url(url)
    if isinstance(location, SqliteLocation):
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(location.path),
            "SQLITE_LOCK_TIMEOUT": "30",
        }
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": location.dbname,
        "POSTGRES_HOST": location.host,
        "POSTGRES_PORT": str(location.port),
        "POSTGRES_USER": location.user,
        "POSTGRES_PASSWORD": location.password or "none",
        "POSTGRES_POOL_SIZE": str(THREADS),
        "POSTGRES_MAX_OVERFLOW": "4",
    }


class Item(Aggregate):
    """A stock item in a few lines."""

    @event("Registered")
    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.on_hand = 0
        self.reserved = 0

    @event("Received")
    def receive(self, quantity: int, reference: str) -> None:  # noqa: ARG002 - in the event
        self.on_hand += quantity

    @event("Reserved")
    def reserve(self, order_id: UUID, quantity: int) -> None:  # noqa: ARG002 - in the event
        self.reserved += quantity


def shelve(application: Application[UUID], count: int) -> list[UUID]:
    """Registers items; a few at a time, for large saves hang on PostgreSQL."""
    items = [Item(f"SKU-{number}") for number in range(count)]
    for item in items:
        item.receive(1_000_000, "opening")
    for first in range(0, count, ITEMS_PER_SAVE):
        application.save(*items[first : first + ITEMS_PER_SAVE])
    return [item.id for item in items]
