"""How long all read models take to be made again, against decoding the same events.

    python3 dev.py bench rebuild [--quick] [--database sqlite|postgres] [--keep]

The rebuild is the command that people type; the baseline reads the log in pages and decodes it.
"""

import json
import subprocess
import time
from collections.abc import Iterator

from orderlog.eventstore.store import EventStore, open_store
from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, ratio_at_most
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.program import Run, orderlog, run
from tests.benchmarks.kernel.shop_log import append_shop


def decoded(store: EventStore) -> Figures:
    begun, position = time.perf_counter(), 0
    while page := store.page(position):
        position = page[-1].position
    return {"seconds": time.perf_counter() - begun}


def rebuilt(url: str) -> Figures:
    command = orderlog("projections", "rebuild", "--json", "--database-url", url)
    report = subprocess.run(command, check=True, capture_output=True, text=True)
    return {"seconds": json.loads(report.stdout)["reading_seconds"]}


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        url = run.databases.url(kind)
        store = open_store(url)
        try:
            yield line(run, kind, url, store)
        finally:
            store.close()


def line(run: Run, kind: Kind, url: str, store: EventStore) -> Line:
    count = append_shop(store, run.of(quick=100_000, full=1_000_000))
    found = in_turns(
        run.of(quick=3, full=2),
        {"decode": lambda: decoded(store), "rebuild": lambda: rebuilt(url)},
    )
    return Line(
        what=f"{kind.label}, {count:,} events",
        unit="s",
        reached=found["rebuild"]["seconds"],
        beside="decoding them",
        baseline=found["decode"]["seconds"],
        targets=(ratio_at_most(4),),
    )


if __name__ == "__main__":
    run("rebuild", "How long do all read models take to be made again?", measure)
