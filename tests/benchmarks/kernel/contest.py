"""Servers that are asked the same by the same clients, and what each makes of a core.

Each has one event loop, so what it answers in a second of its own CPU is what it answers in a
second on a core that it has for itself. That hardly depends on what else the machine is doing, so
it is what targets are about; what was answered by the clock comes after it.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.benchmarks.kernel.comparison import Figures, Line, in_turns, ratio_at_least
from tests.benchmarks.kernel.http import connect
from tests.benchmarks.kernel.program import Run
from tests.benchmarks.kernel.served import Served, asked

CLIENTS: Final = 16
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")

Servers = Mapping[str, AbstractContextManager[Served]]
"""Not started yet, by what the figures call them."""
Found = Mapping[str, Figures]


class Question(NamedTuple):
    """What is asked. `unit` is what an answer is called."""

    query: str
    variables: Mapping[str, object]
    unit: str


def nobody(_: Path) -> Servers:
    return {}


class Contest(NamedTuple):
    """Ours beside others, which are given our answer in a file, and answer the same from memory.

    `promised`: the least ratio, by the label of ours and that of another.
    """

    question: Question
    ours: Servers
    others: Callable[[Path], Servers]
    promised: Mapping[tuple[str, str], float]


def contest(run: Run, asked: Contest) -> Iterator[Line]:
    question, answer = asked.question, run.databases.folder / "answer.json"
    with ExitStack() as stack:
        ours = entered(stack, asked.ours)
        expected = answer_of(next(iter(ours.values())), question)
        answer.write_text(json.dumps(expected))
        others = entered(stack, asked.others(answer))
        for label, server in (ours | others).items():
            assert answer_of(server, question) == expected, f"{label} answers something else"
        found = in_rounds(run, ours | others, question)
    for our in ours:
        for other in others:
            yield by_cpu(asked, our, other, found)
    for our in ours:
        yield by_clock(question, our, next(iter(others), None), found)


def by_cpu(asked: Contest, our: str, other: str, found: Found) -> Line:
    least = asked.promised.get((our, other))
    return Line(
        what=f"{our}, per second of CPU",
        unit=asked.question.unit,
        reached=found[our]["by_cpu"],
        beside=other,
        baseline=found[other]["by_cpu"],
        targets=() if least is None else (ratio_at_least(least),),
    )


def by_clock(question: Question, our: str, other: str | None, found: Found) -> Line:
    return Line(
        what=f"{our}, {CLIENTS} clients, by the clock",
        unit=f"{question.unit}/s",
        reached=found[our]["by_clock"],
        beside=other,
        baseline=None if other is None else found[other]["by_clock"],
    )


def entered(stack: ExitStack, servers: Servers) -> dict[str, Served]:
    return {label: stack.enter_context(server) for label, server in servers.items()}


def in_rounds(run: Run, servers: Mapping[str, Served], question: Question) -> Found:
    """`by_cpu`: answers per second of CPU; `by_clock`: answers per second."""
    seconds, rounds = run.of(quick=1.0, full=4.0), run.of(quick=2, full=5)
    for server in servers.values():
        measured(server, question, seconds)  # on Node much is compiled meanwhile
    turns = {label: partial(measured, one, question, seconds) for label, one in servers.items()}
    return in_turns(rounds, turns)


def measured(server: Served, question: Question, seconds: float) -> Figures:
    before = cpu_seconds(server.pid)
    outcome = asked(
        "kernel.asking",
        url=server.url,
        body={"query": question.query, "variables": question.variables},
        clients=CLIENTS,
        seconds=seconds,
    )
    spent = cpu_seconds(server.pid) - before
    return {
        "by_cpu": outcome["count"] / spent,
        "by_clock": outcome["count"] / outcome["seconds"],
    }


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have used, in user mode and in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def answer_of(server: Served, question: Question) -> dict[str, Any]:
    """The `data` that it answers with."""

    async def ask() -> dict[str, Any]:
        connection = await connect(server.url)
        answer: dict[str, Any] = await connection.ask(question.query, **question.variables)
        await connection.close()
        return answer

    return asyncio.run(ask())
