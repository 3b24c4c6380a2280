"""The garbage collector, told that nearly everything here lives on or dies without its help.

Aggregates, rows and plans stay; events and futures go when their last reader lets go of them. Left
alone, the collector looks at the former again and again: a fifth of an import's time.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

THRESHOLDS: Final = (50_000, 50, 100)
"""New objects before a look at the young; how often before one at the older, and the oldest."""


@contextmanager
def collecting_rarely() -> Generator[None]:
    """Leaves alone what is there already, and looks at what comes less often."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
