"""Events per second to many WebSockets with the same subscription.

    python3 dev.py bench broadcast [--quick] [--database sqlite|postgres] [--keep]

Ours come of commands over HTTP, through the log; the others, Strawberry's unmodified view and
graphql-ws on Node, are fed from memory. They come in bursts: the next begins when every socket has
all of the one before.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Final

from tests.benchmarks.kernel import peers
from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, ratio_at_least
from tests.benchmarks.kernel.contest import Servers
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.peers import STRAWBERRY
from tests.benchmarks.kernel.program import Run, module, run
from tests.benchmarks.kernel.served import asked, served, started

PROMISED: Final = {(1_000, STRAWBERRY): (ratio_at_least(10),)}
BURSTS: Final = {STRAWBERRY: 5}  # it takes seconds for as many as others are sent
BURST: Final = 20
OURS: Final = "ours"


def told(url: str, subscribers: int, seconds: float, burst: int, *, is_fed: bool) -> Figures:
    return asked(
        "kernel.watching",
        url=url,
        subscribers=subscribers,
        seconds=seconds,
        burst=burst,
        is_fed=is_fed,
    )


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        feeds: Servers = {STRAWBERRY: started(module("kernel.strawberry_feed"))}
        if peers.are_here():
            feeds = {**feeds, "graphql-ws on Node": peers.peer("graphql-ws")}
        with ExitStack() as stack:
            urls = {name: stack.enter_context(feed).url for name, feed in feeds.items()}
            urls[OURS] = stack.enter_context(served(run.databases.url(kind))).url
            for subscribers in run.of(quick=(1_000,), full=(1_000, 5_000)):
                yield from lines(run, kind, subscribers, urls)


def lines(run: Run, kind: Kind, subscribers: int, urls: Mapping[str, str]) -> Iterator[Line]:
    seconds = run.of(quick=2.0, full=5.0)
    found = in_turns(
        run.of(quick=2, full=3),
        {
            name: partial(
                told, url, subscribers, seconds, BURSTS.get(name, BURST), is_fed=name != OURS
            )
            for name, url in urls.items()
        },
    )
    for name in urls:
        if name != OURS:
            yield Line(
                what=f"{kind.label}, {subscribers:,} subscribers",
                unit="events/s",
                reached=found[OURS]["rate"],
                beside=name,
                baseline=found[name]["rate"],
                targets=PROMISED.get((subscribers, name), ()),
            )


if __name__ == "__main__":
    run("broadcast", "How many events reach all of many WebSockets in a second?", measure)
