"""What users would pick instead: GraphQL servers on Node, with packages of their own in `peers/`.

    node tests/benchmarks/peers/yoga.mjs ANSWER.json

Each has our schema and answers from memory what the file holds: the `data` of our own answer.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import dev
from tests.benchmarks.kernel.program import module
from tests.benchmarks.kernel.served import Served, started

STRAWBERRY: Final = "Strawberry"
ON_NODE: Final = {
    "yoga": "Yoga with jit",
    "mercurius": "Mercurius with jit",
    "apollo": "Apollo Server",
}


def strawberry(answer: Path) -> AbstractContextManager[Served]:
    return started([*module("kernel.strawberry_shop"), str(answer)])


def on_node(answer: Path, *names: str) -> dict[str, AbstractContextManager[Served]]:
    """By label; none where there is no Node."""
    if not are_here():
        return {}
    return {ON_NODE[name]: peer(name, answer) for name in names}


def are_here() -> bool:
    """Installs them, once. Where they cannot be had it says so, and a benchmark leaves them out."""
    if dev.has_node() and dev.prepare_peers():
        return True
    print("Node 20.19 or its packages cannot be had here: the servers on Node are left out.")
    return False


def peer(name: str, *arguments: str | Path) -> AbstractContextManager[Served]:
    command = ["node", str(dev.PEERS / f"{name}.mjs"), *map(str, arguments)]
    return started(command, NODE_ENV="production")
