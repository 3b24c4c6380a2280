"""All stories of the platform, in the order in which they hear of an event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from orderlog.application.command_bus import CommandBus
from orderlog.application.metadata import utc_now
from orderlog.eventstore.store import EventStore
from orderlog.gateways.registry import Gateways
from orderlog.processes.place_order import CAPTURE_RETRIES, PATIENCE_SECONDS, PlaceOrder
from orderlog.processes.placement import Placements
from orderlog.processes.refund_order import RefundOrder
from orderlog.processes.settle_payment import ANSWER_SECONDS, QUERIES, SettlePayment
from orderlog.processes.story import Backoff, Story

MAIN_WAREHOUSE: Final = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessTerms:
    """What can be set about the stories, as it comes."""

    warehouse_id: str = MAIN_WAREHOUSE
    patience_seconds: float = PATIENCE_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    capture_retries: Backoff = CAPTURE_RETRIES
    queries: Backoff = QUERIES
    now: Callable[[], datetime] = utc_now


def all_stories(
    store: EventStore, bus: CommandBus, gateways: Gateways, terms: ProcessTerms
) -> tuple[Story, ...]:
    placements = Placements(store, terms.warehouse_id)
    return (
        PlaceOrder(
            bus,
            placements,
            patience_seconds=terms.patience_seconds,
            capture_retries=terms.capture_retries,
            now=terms.now,
        ),
        RefundOrder(bus, placements),
        SettlePayment(
            bus,
            placements,
            gateways,
            answer_seconds=terms.answer_seconds,
            queries=terms.queries,
            now=terms.now,
        ),
    )
