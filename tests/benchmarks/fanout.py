"""From a commit to the frames on many WebSockets, and what idle subscribers cost.

    python3 dev.py bench fanout [--quick] [--database sqlite|postgres] [--keep]

The clock starts when an event is made, before its commit, and stops when a client's process has the
frame. Every subscriber must get every event, once. The baseline is the library's own subscription
with one subscriber in the process that writes; on SQLite it has none.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from tests.benchmarks.kernel.comparison import Figures, Line, at_most, in_turns, percentile
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.library_feed import subscribed
from tests.benchmarks.kernel.program import Run, module, run
from tests.benchmarks.kernel.served import Served, asked, served, started

EVENTS_PER_SECOND: Final = {1_000: 50, 5_000: 10}


def told(url: str, subscribers: int, seconds: float) -> Figures:
    rate = EVENTS_PER_SECOND[subscribers]
    return asked("kernel.watching", url=url, subscribers=subscribers, seconds=seconds, rate=rate)


def told_by_library(url: str, seconds: float) -> Figures:
    spent = subscribed(url, EVENTS_PER_SECOND[1_000], seconds)
    return {name: percentile(spent, int(name[1:])) * 1_000 for name in ("p50", "p99")}


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        with served(run.databases.url(kind)) as server:
            for subscribers in run.of(quick=(1_000,), full=(1_000, 5_000)):
                yield from latency(run, kind, server.url, subscribers)
            if kind is run.kinds[0]:  # no subscriber knows which database there is
                yield from idle(run.databases.url(kind), run.of(quick=2_000, full=5_000))


def idle(url: str, subscribers: int) -> Iterator[Line]:
    """Each server is new: memory that was freed before would be used again."""
    for whom, is_shared in (("of as many orders", False), ("of the same order", True)):
        with served(url) as ours:
            cost = cost_of(ours, subscribers, is_shared=is_shared)
        with started(module("kernel.strawberry_feed")) as strawberry:
            baseline = cost_of(strawberry, subscribers, is_shared=is_shared)
        yield Line(
            what=f"{subscribers:,} idle subscribers {whom}",
            unit="kB each",
            reached=cost,
            beside="Strawberry",
            baseline=baseline,
            targets=(at_most(30),),
        )


def cost_of(server: Served, subscribers: int, *, is_shared: bool) -> float:
    """Kilobytes for each."""
    cost = asked(
        "kernel.idling",
        url=server.url,
        pid=server.pid,
        subscribers=subscribers,
        is_shared=is_shared,
    )
    kilobytes: float = cost["kilobytes"]
    return kilobytes


def latency(run: Run, kind: Kind, url: str, subscribers: int) -> Iterator[Line]:
    seconds = run.of(quick=3.0, full=10.0)
    contenders: dict[str, Callable[[], Figures]] = {
        "ours": partial(told, url, subscribers, seconds)
    }
    if kind is Kind.POSTGRES:
        contenders["library"] = partial(told_by_library, run.databases.url(kind), seconds)
    found = in_turns(run.of(quick=2, full=3), contenders)
    rate, library = EVENTS_PER_SECOND[subscribers], found.get("library")
    for name, limit in (("p50", 10), ("p99", 100)):
        yield Line(
            what=f"{kind.label}, {subscribers:,} at {rate} events/s, {name}",
            unit="ms",
            reached=found["ours"][name],
            beside="library's, one",
            baseline=None if library is None else library[name],
            targets=(at_most(limit),) if subscribers == 1_000 else (),
        )


if __name__ == "__main__":
    run("fanout", "How long from a commit to all who watch, and what do they cost?", measure)
