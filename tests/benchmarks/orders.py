"""Orders per second over HTTP: drafted with three lines, placed, reserved, paid, confirmed.

    python3 dev.py bench orders [--quick] [--database sqlite|postgres] [--keep]

An order is two requests, each answered when it is durable: a draft with lines, address and shipping
method, then its placement. Stock and payment follow on their own; an order counts when the log says
that it is confirmed, and the clock runs until the last one is. The baseline is the same shop on
the library: a `save()` for each step, Starlette in front, the library's runner behind.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from tests.benchmarks.kernel.comparison import (
    Figures,
    Line,
    at_least,
    at_most,
    in_turns,
    ratio_at_least,
)
from tests.benchmarks.kernel.databases import Databases, Kind
from tests.benchmarks.kernel.program import Run, module, run
from tests.benchmarks.kernel.served import asked, served, started

CLIENTS: Final = (1, 8, 32)
MANY_CLIENTS: Final = 32
SKUS: Final = 500
UNITS: Final = 1_000_000
STATEMENT_MARKS: Final = (b"LOG:  statement: ", b"LOG:  execute ")


def bought(url: str, clients: int, seconds: float, **more: object) -> Mapping[str, Any]:
    outcome = asked("kernel.buying", url=url, clients=clients, skus=SKUS, seconds=seconds, **more)
    assert set(outcome["ended"]) == {"CONFIRMED"}, outcome
    assert not outcome["refused"], outcome
    return outcome


def rate(url: str, clients: int, seconds: float, **more: object) -> Figures:
    return {"rate": bought(url, clients, seconds, **more)["rate"]}


def measure(run: Run) -> Iterator[Line]:
    for kind in run.kinds:
        url = run.databases.url(kind)
        theirs = started([*module("kernel.library_shop"), run.databases.url(kind)])
        with served(url) as ours, theirs as library:
            bought(ours.url, 1, 0.5, stocked=UNITS)
            bought(library.url, 1, 0.5, stocked=UNITS, is_library=True)
            for clients in CLIENTS:
                yield line(run, kind, clients, ours.url, library.url)
            if kind is Kind.POSTGRES:
                yield statements(run, ours.url)


def line(run: Run, kind: Kind, clients: int, ours: str, library: str) -> Line:
    seconds, rounds = run.of(quick=1.2, full=4.0), run.of(quick=2, full=3)
    shorter = seconds / 3  # the library settles what it accepts in many times as long
    found = in_turns(
        rounds,
        {
            "library": lambda: rate(library, clients, shorter, is_library=True),
            "ours": lambda: rate(ours, clients, seconds),
        },
    )
    is_promised = kind is Kind.POSTGRES and clients == MANY_CLIENTS
    return Line(
        what=f"{kind.label}, {clients} clients",
        unit="orders/s",
        reached=found["ours"]["rate"],
        beside="library's path",
        baseline=found["library"]["rate"],
        targets=(ratio_at_least(10), at_least(600)) if is_promised else (ratio_at_least(10),),
    )


def statements(run: Run, url: str) -> Line:
    """Everything that the server is told, `BEGIN` and `COMMIT` too, counted in its own log."""
    with every_statement_logged(run.databases):
        before = count_statements(run.databases)
        outcome = bought(url, MANY_CLIENTS, 2.0)
        count = count_statements(run.databases) - before
    return Line(
        what=f"PostgreSQL, {MANY_CLIENTS} clients, SQL statements per order",
        unit="statements",
        reached=count / outcome["ended"]["CONFIRMED"],
        targets=(at_most(9),),
    )


@contextmanager
def every_statement_logged(databases: Databases) -> Generator[None]:
    with psycopg.connect(databases.administrator, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf(), pg_sleep(0.2)")
        try:
            yield
        finally:
            connection.execute("ALTER SYSTEM RESET log_statement")
            connection.execute("SELECT pg_reload_conf()")


def count_statements(databases: Databases) -> int:
    log = databases.postgres_log.read_bytes()
    return sum(log.count(mark) for mark in STATEMENT_MARKS)


if __name__ == "__main__":
    run("orders", "How many orders are placed and confirmed in a second, over HTTP?", measure)
