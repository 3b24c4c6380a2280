"""Order numbers: unique per channel over all processes, ascending, with gaps."""

import threading
from typing import Final

from orderlog.application.channels import Channel
from orderlog.eventstore.store import EventStore

NUMBERS_PER_BLOCK: Final = 20
FIRST_NUMBER: Final = 1_001


class OrderNumbers:
    """Thread-safe. Takes numbers from the store in blocks: a restart leaves a gap, never a twin."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._blocks: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def has_next(self, channel: Channel) -> bool:
        """Whether the next number needs no database."""
        return bool(self._blocks.get(channel.id))

    def next(self, channel: Channel) -> str:
        """The next number of a channel, e.g. `"1042"`; asks the database once per block."""
        with self._lock:
            block = self._blocks.setdefault(channel.id, [])
            if not block:
                taken = self._store.take_numbers(f"order-number-{channel.id}", NUMBERS_PER_BLOCK)
                block.extend(reversed(taken))
            return f"{channel.order_number_prefix}{FIRST_NUMBER - 1 + block.pop()}"
