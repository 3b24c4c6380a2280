"""Tiny mutations over HTTP, beside other servers.

    python3 dev.py bench mutations [--quick] [--database sqlite|postgres] [--keep]

For a fair comparison ours records nothing: an order that is confirmed is to be discarded, which
its aggregate refuses, after permissions, costs and the queue of commands. All others answer the
same out of memory. Then, on its own, one of ours that is recorded: a draft is begun, and answered
when it is durable. Targets are about figures per second of CPU, see `kernel/contest.py`.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from tests.benchmarks.kernel.comparison import Line
from tests.benchmarks.kernel.contest import Contest, Question, Servers, contest, nobody
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.peers import ON_NODE, STRAWBERRY, on_node, strawberry
from tests.benchmarks.kernel.program import Run, run
from tests.benchmarks.kernel.read_models import lived
from tests.benchmarks.kernel.served import served
from tests.benchmarks.kernel.shop_log import append_orders, first_order_id

ORDERS: Final = 100
REFUSED: Final = Question(
    """mutation Discard($input: DiscardDraftInput!) { discardDraft(input: $input)
      { errors { __typename code message } } }""",
    {"input": {"orderId": first_order_id()}},
    "mutations",
)
RECORDED: Final = Question(
    """mutation Create($input: CreateDraftOrderInput!) { createDraftOrder(input: $input)
      { errors { code message } } }""",
    {"input": {"currency": "GBP"}},
    "recorded mutations",
)
PROMISED: Final = {
    (kind.label, other): least
    for kind in Kind
    for other, least in ((STRAWBERRY, 7), (ON_NODE["apollo"], 1))
}


def measure(run: Run) -> Iterator[Line]:
    yield from contest(run, Contest(REFUSED, ours(run), others, PROMISED))
    yield from contest(run, Contest(RECORDED, ours(run), nobody, {}))


def ours(run: Run) -> Servers:
    append = partial(append_orders, orders=ORDERS, lines=1)

    def with_orders(kind: Kind) -> str:
        url = run.databases.url(kind)
        lived(url, append)
        return url

    return {kind.label: served(with_orders(kind)) for kind in run.kinds}


def others(answer: Path) -> Servers:
    return {STRAWBERRY: strawberry(answer), **on_node(answer, *ON_NODE)}


if __name__ == "__main__":
    run("mutations", "How many tiny mutations are answered, beside other servers?", measure)
