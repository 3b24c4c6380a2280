"""Real servers and workers as processes, asked over HTTP; what is started here ends here."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import psycopg

from tests.support.program import Program

SECONDS_MAX: Final = 60
"""However busy the machine is."""
GIFT: Final = {
    "sku": "GIFT",
    "title": "Gift card",
    "quantity": 1,
    "unitPrice": {"amount": "25.00", "currency": "GBP"},
    "requiresShipping": False,
}


@dataclass(frozen=True)
class Server:
    """Asked over a new connection each time, so that any of its processes may answer."""

    process: "subprocess.Popen[str]"
    url: str
    http: httpx2.Client

    def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 - what was asked for
        body = {"query": query, "variables": variables}
        answer = self.http.post("/graphql", json=body).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def tell(self, mutation: str, selection: str, **given: object) -> Any:  # noqa: ANN401 - as above
        kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
        asked = f"{mutation}(input: $input) {{ {selection} errors {{ message }} }}"
        payload = self.ask(f"mutation($input: {kind}) {{ {asked} }}", input=given)[mutation]
        assert payload["errors"] == [], payload
        return payload

    def draft(self) -> str:
        """An order that needs neither stock nor an address; its UUID, once it can be read."""
        draft = {"currency": "GBP", "guestEmail": "ada@example.org", "lines": [GIFT]}
        created = self.tell("createDraftOrder", "order { orderId }", **draft)
        order_id: str = created["order"]["orderId"]
        return order_id

    def place(self) -> tuple[str, str]:
        """A draft, placed; its UUID and its position."""
        order_id = self.draft()
        placed = self.tell("placeOrder", "position", orderId=order_id)
        return order_id, placed["position"]

    def place_many(self, count: int) -> list[str]:
        return [self.place()[0] for _ in range(count)]

    def status(self, order_id: str, min_position: str | None = None) -> str:
        """As the read model has it, which must have come so far."""
        asked = "order(id: $id, minPosition: $p) { lifecycle isStale }"
        query = f"query($id: ID!, $p: Position) {{ {asked} }}"
        order = self.ask(query, id=order_id, p=min_position)["order"]
        assert not order["isStale"]
        lifecycle: str = order["lifecycle"]
        return lifecycle

    def confirms(self, order_ids: Sequence[str]) -> None:
        """Returns when all of these are confirmed."""
        eventually(lambda: {self.status(order_id) for order_id in order_ids} == {"CONFIRMED"})


@contextmanager
def started(
    program: Program, *arguments: str, **variables: str
) -> Generator["subprocess.Popen[str]"]:
    """A command that runs until it is told to stop."""
    process = program.start(*arguments, "--json", **variables)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS_MAX)


@contextmanager
def serving(program: Program, url: str, *arguments: str, **variables: str) -> Generator[Server]:
    given = ("serve", "--port", "0", "--database-url", url, *arguments)
    with started(program, *given, **variables) as process:
        url, limits = said(process)["url"], httpx2.Limits(max_keepalive_connections=0)
        with httpx2.Client(base_url=url, timeout=SECONDS_MAX, limits=limits) as http:
            yield Server(process, url, http)


@contextmanager
def working(
    program: Program, url: str, *arguments: str, **variables: str
) -> Generator["subprocess.Popen[str]"]:
    with started(program, "worker", "--database-url", url, *arguments, **variables) as process:
        said(process)
        yield process


def said(process: "subprocess.Popen[str]") -> Any:  # noqa: ANN401 - a line of JSON
    """What it says when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()
    return json.loads(line)


def owner_of(url: str, duty: str = "processes") -> int:
    """The process that owns a duty, by its id; 0 where it was never owned."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT holder FROM owners WHERE duty = %s", (duty,)).fetchone()
    return int(row[0].rpartition("/")[2]) if row else 0


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def eventually(holds: Callable[[], bool], seconds: float = SECONDS_MAX) -> None:
    ends_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends_at, "it has never come true"
        time.sleep(0.1)
