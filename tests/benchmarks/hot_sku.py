"""A flash sale over HTTP: many buyers at once for a few hundred units of one product.

    python3 dev.py bench hot_sku [--quick] [--database sqlite|postgres] [--keep]

Each order is for one unit; exactly as many as there are may be sold, and every other buyer is told
`INSUFFICIENT_STOCK`. An order counts when it is confirmed or refused. Nothing runs beside it: the
shops that this was tried on before sold more than they had.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.benchmarks.kernel.comparison import Figures, Line, Target, at_least, at_most, in_turns
from tests.benchmarks.kernel.databases import Kind
from tests.benchmarks.kernel.program import Run, run
from tests.benchmarks.kernel.served import asked, served

UNITS: Final = 500
BUYERS: Final = 900
CLIENTS: Final = 32


def sale(run: Run, kind: Kind) -> Figures:
    """On a database of its own: the units are sold once."""
    with served(run.databases.url(kind)) as server:
        outcome = asked(
            "kernel.buying",
            url=server.url,
            clients=CLIENTS,
            skus=1,
            lines=1,
            stocked=UNITS,
            orders_max=BUYERS,
        )
    ended, refused = outcome["ended"], outcome["refused"]
    return {
        "sold": ended.get("CONFIRMED", 0),
        "told": ended.get("INSUFFICIENT_STOCK", 0) + refused.get("INSUFFICIENT_STOCK", 0),
        "rate": outcome["rate"],
    }


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        found = in_turns(run.of(quick=2, full=5), {"sale": partial(sale, run, kind)})
        sold, told, rate = (found["sale"][name] for name in ("sold", "told", "rate"))
        where = f"{kind.label}, {CLIENTS} clients"
        yield Line(what=f"{where}, sold", unit="units", reached=sold, targets=exactly(UNITS))
        yield Line(
            what=f"{where}, told INSUFFICIENT_STOCK",
            unit="buyers",
            reached=told,
            targets=exactly(BUYERS - UNITS),
        )
        yield Line(what=f"{where}", unit="orders/s", reached=rate, targets=(at_least(300),))


def exactly(count: int) -> tuple[Target, ...]:
    return at_least(count), at_most(count)


if __name__ == "__main__":
    run("hot_sku", "Does a flash sale sell exactly what there is, and how fast?", measure)
