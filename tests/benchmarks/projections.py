"""How fast read models catch up with a log that is there already.

    python3 dev.py bench projections [--quick] [--database sqlite|postgres] [--keep]

One thread, one core, and where it is PostgreSQL the server's own. The baseline keeps the same rows
of the order list from the same events with the library's runner, one event per transaction.
"""

import time
from collections.abc import Iterator, Sequence

from orderlog.eventstore.store import EventStore, open_store
from orderlog_projections.order_list.projector import PROJECTION as ORDER_LIST
from orderlog_projections.projection import Projection
from orderlog_projections.registry import PROJECTIONS
from orderlog_projections.runner import ProjectionRunner
from tests.benchmarks.kernel.comparison import Figures, Line, at_least, in_turns, ratio_at_least
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.library_view import followed
from tests.benchmarks.kernel.program import Run, run
from tests.benchmarks.kernel.read_models import new_read_models
from tests.benchmarks.kernel.shop_log import append_shop

PROMISED = {Kind.SQLITE: 50_000, Kind.POSTGRES: 25_000}


def caught_up(store: EventStore, projections: Sequence[Projection], count: int) -> Figures:
    with new_read_models(store) as database:
        begun = time.perf_counter()
        ProjectionRunner(store, database, projections).catch_up()
        return {"rate": count / (time.perf_counter() - begun)}


def followed_by_library(url: str, store: EventStore, seconds: float) -> Figures:
    with new_read_models(store) as database:
        return {"rate": followed(url, database, seconds)}


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        url = run.databases.url(kind)
        store = open_store(url)
        try:
            yield from lines(run, kind, url, store)
        finally:
            store.close()


def lines(run: Run, kind: Kind, url: str, store: EventStore) -> Iterator[Line]:
    count = append_shop(store, run.of(quick=50_000, full=200_000))
    seconds, rounds = run.of(quick=1.0, full=3.0), run.of(quick=3, full=5)
    found = in_turns(
        rounds,
        {
            "library": lambda: followed_by_library(url, store, seconds),
            "one": lambda: caught_up(store, [ORDER_LIST], count),
            "all": lambda: caught_up(store, PROJECTIONS, count),
        },
    )
    baseline = found["library"]["rate"]
    yield Line(
        what=f"{kind.label}, one read model (order list)",
        unit="events/s",
        reached=found["one"]["rate"],
        beside="library's runner",
        baseline=baseline,
        targets=(ratio_at_least(30), at_least(PROMISED[kind])),
    )
    yield Line(
        what=f"{kind.label}, all {len(PROJECTIONS)} read models",
        unit="events/s",
        reached=found["all"]["rate"],
        beside="library's, order list",
        baseline=baseline,
    )


if __name__ == "__main__":
    run("projections", "How many events do read models catch up with in a second?", measure)
