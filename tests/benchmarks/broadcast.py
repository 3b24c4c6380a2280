"""Events per second to many WebSockets with the same subscription.

    python3 dev.py bench broadcast [--quick] [--database sqlite|postgres] [--keep]

Ours come of commands over HTTP, through the log; the baseline is Strawberry's unmodified view, fed
from memory. They come in bursts: the next begins when every socket has all of the one before.
"""

from collections.abc import Iterator
from typing import Final

from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, ratio_at_least
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.program import Run, module, run
from tests.benchmarks.kernel.served import asked, served, started

PROMISED: Final = {1_000: (ratio_at_least(10),)}


def told(url: str, subscribers: int, seconds: float, *, is_strawberry: bool = False) -> Figures:
    return asked(
        "kernel.watching",
        url=url,
        subscribers=subscribers,
        seconds=seconds,
        burst=5 if is_strawberry else 20,  # Strawberry takes seconds for those
        is_strawberry=is_strawberry,
    )


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        feed = started(module("kernel.strawberry_feed"))
        with served(run.databases.url(kind)) as ours, feed as strawberry:
            for subscribers in run.of(quick=(1_000,), full=(1_000, 5_000)):
                yield line(run, kind, subscribers, ours.url, strawberry.url)


def line(run: Run, kind: Kind, subscribers: int, ours: str, strawberry: str) -> Line:
    seconds = run.of(quick=2.0, full=5.0)
    found = in_turns(
        run.of(quick=2, full=3),
        {
            "strawberry": lambda: told(strawberry, subscribers, seconds, is_strawberry=True),
            "ours": lambda: told(ours, subscribers, seconds),
        },
    )
    return Line(
        what=f"{kind.label}, {subscribers:,} subscribers",
        unit="events/s",
        reached=found["ours"]["rate"],
        beside="Strawberry",
        baseline=found["strawberry"]["rate"],
        targets=PROMISED.get(subscribers, ()),
    )


if __name__ == "__main__":
    run("broadcast", "How many events reach all of many WebSockets in a second?", measure)
