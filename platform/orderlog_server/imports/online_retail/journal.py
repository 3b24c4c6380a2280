"""What earlier runs of the import have done, by key: so that nothing is done twice.

What the platform accepts is remembered in the transaction of its events, under an idempotency
key; what it refuses is remembered beside that, with the code.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from orderlog.application.idempotency import IdempotencyKey
from orderlog.eventstore.recorder import AppendUnit, CommandAnswer
from orderlog.eventstore.store import EventStore

SCOPE: Final = "import online-retail"
ACCEPTED: Final = "accepted"


class Journal:
    """By key, `ACCEPTED` or the code of the refusal."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._codes = store.answered(SCOPE)

    def get(self, key: str) -> str | None:
        """How it ended; None where it was never tried."""
        return self._codes.get(key)

    def idempotency_of(self, key: str) -> IdempotencyKey:
        """What makes the platform remember the key itself, if it accepts."""
        return IdempotencyKey(SCOPE, key, ACCEPTED)

    def accepted(self, key: str) -> None:
        """The platform has remembered it already."""
        self._codes[key] = ACCEPTED

    async def note(self, codes: Mapping[str, str]) -> None:
        """Remembers what leaves no event of its own."""
        answers = [CommandAnswer(SCOPE, key, code, ()) for key, code in codes.items()]
        if answers:
            units = [AppendUnit((), answer) for answer in answers]
            await asyncio.to_thread(self._store.append_group, units)
            self._codes.update(codes)
