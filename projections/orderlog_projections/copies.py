"""Copies of a read model: one answers, others stand beside it under names of their own."""

from enum import StrEnum
from typing import Final, NamedTuple

SLOT_MARK: Final = "__"
"""What the names of all copies contain but those of the serving ones."""


class Slot(StrEnum):
    """Where a copy stands. Only the serving one is asked."""

    SERVING = "serving"
    NEXT = "next"
    PREVIOUS = "previous"
    INCOMING = "incoming"
    """On the way into its place: no transaction leaves a copy here."""


class Copy(NamedTuple):
    """A version of the code's tables, in a slot."""

    version: int = 1
    slot: Slot = Slot.SERVING

    def named(self, name: str) -> str:
        """What a table or a checkpoint is called in this copy: `orders`, `orders_v2__next`."""
        version = "" if self.version == 1 else f"_v{self.version}"
        slot = "" if self.slot is Slot.SERVING else f"{SLOT_MARK}{self.slot}"
        return f"{name}{version}{slot}"

    def at(self, slot: Slot) -> "Copy":
        return Copy(self.version, slot)
