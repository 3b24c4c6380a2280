"""What every command has in common: it names the one stream that it asks."""

from typing import Protocol


class Command(Protocol):
    """Frozen, slotted, keyword-only dataclasses, in the imperative."""

    @property
    def stream_id(self) -> str: ...
