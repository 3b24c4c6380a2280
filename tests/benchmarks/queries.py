"""Queries over HTTP: 20 orders of 5 lines with 10 fields each, 1,220 values in all.

    python3 dev.py bench queries [--quick] [--database sqlite|postgres] [--keep]

Ours come out of the real read model of thousands of orders, by the server as people start it; and,
for what the API alone costs, from rows in memory. What is asked again is given again while nothing
moves, as in a shop in peace; "anew" and "in memory" are without that, as while orders come in. All
others answer from memory: they have no database, no permissions, no costs. Targets are about
figures per second of CPU, see `kernel/contest.py`; on PostgreSQL without the database's own.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks.kernel.comparison import Line
from tests.benchmarks.kernel.contest import Contest, Question, Servers, contest
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.peers import ON_NODE, STRAWBERRY, on_node, strawberry
from tests.benchmarks.kernel.program import Run, module, run
from tests.benchmarks.kernel.read_models import lived
from tests.benchmarks.kernel.served import Served, served, started
from tests.benchmarks.kernel.shop_log import append_orders

LINES: Final = 5
QUESTION: Final = Question(
    """query Orders($first: Int!) { orders(first: $first) { nodes {
      orderId number customerId lifecycle paymentStatus fulfillmentStatus currency itemCount
      version createdAt total { amount }
      lines { id sku title taxRatePpm requiresShipping quantity cancelled shipped delivered open }
    } } }""",
    {"first": 20},
    "queries",
)
IN_MEMORY: Final = "rows in memory"
PLAIN: Final = "Starlette, no GraphQL"
PROMISED: Final = {
    **{
        (kind.label, other): least
        for kind in Kind
        for other, least in ((STRAWBERRY, 20), (ON_NODE["yoga"], 1), (PLAIN, 0.3))
    },
    (IN_MEMORY, ON_NODE["mercurius"]): 1,
}


def measure(run: Run) -> Iterator[Line]:
    return contest(run, Contest(QUESTION, ours(run), others, PROMISED))


def ours(run: Run) -> Servers:
    append = partial(append_orders, orders=run.of(quick=2_000, full=5_000), lines=LINES)

    def with_orders(kind: Kind) -> str:
        url = run.databases.url(kind)
        lived(url, append)
        return url

    servers: dict[str, AbstractContextManager[Served]] = {}
    for kind in run.kinds:
        servers[kind.label] = served(with_orders(kind))
        anew = served(with_orders(kind), ORDERLOG_ANSWER_SECONDS_MAX="0")
        servers[f"{kind.label}, anew"] = anew
    held = started([*module("kernel.held_rows"), with_orders(Kind.SQLITE)])
    return {**servers, IN_MEMORY: held}


def others(answer: Path) -> Servers:
    plain = started([*module("kernel.plain_shop"), str(answer)])
    return {STRAWBERRY: strawberry(answer), **on_node(answer, *ON_NODE), PLAIN: plain}


if __name__ == "__main__":
    run("queries", "How many large GraphQL queries are answered, beside other servers?", measure)
