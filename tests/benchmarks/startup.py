"""How long `orderlog serve` takes until it answers, by the length of its log.

    python3 dev.py bench startup [--quick] [--database sqlite|postgres] [--keep]

From the start of the process to the answer of its first query. The read models of the long log are
up to date and its processes are handled, as they are when a server starts again.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, ratio_at_most
from tests.benchmarks.kernel.http import connect
from tests.benchmarks.kernel.program import Run, run
from tests.benchmarks.kernel.read_models import lived
from tests.benchmarks.kernel.served import served
from tests.benchmarks.kernel.shop_log import append_shop

FIRST_QUERY = "{ orders(first: 1) { totalCount } }"


def start(url: str) -> Figures:
    begun = time.perf_counter()
    with served(url) as server:
        asyncio.run(first_answer(server.url))
        return {"seconds": time.perf_counter() - begun}


async def first_answer(url: str) -> None:
    connection = await connect(url)
    await connection.ask(FIRST_QUERY)
    await connection.close()


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        empty, long = run.databases.url(kind), run.databases.url(kind)
        count = lived(long, partial(append_shop, count=run.of(quick=50_000, full=1_000_000)))
        found = in_turns(
            run.of(quick=2, full=5), {"empty": partial(start, empty), "long": partial(start, long)}
        )
        yield Line(
            what=f"{kind.label}, {count:,} events",
            unit="s",
            reached=found["long"]["seconds"],
            beside="empty log",
            baseline=found["empty"]["seconds"],
            targets=(ratio_at_most(1.5),),
        )


if __name__ == "__main__":
    run("startup", "How long does the server take to start, by the length of its log?", measure)
