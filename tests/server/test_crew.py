"""Real processes on one PostgreSQL log: whatever dies or is stopped, each order is placed once."""

import json
import signal
import time
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from orderlog.application.metadata import new_id
from orderlog.eventstore.store import open_store
from orderlog_projections.registry import open_read_models
from orderlog_server.cli.exits import ExitCode
from orderlog_server.listening import PortTaken, listen_many
from tests.support.crew import (
    SECONDS_MAX,
    Server,
    eventually,
    kill,
    owner_of,
    serving,
    working,
)
from tests.support.evidence import Told, evidence_of
from tests.support.invariants import (
    effects_happen_once,
    money_adds_up,
    processes_end_or_wait,
    read_models_differ,
    versions_are_contiguous,
)
from tests.support.program import Program, Typed

TAKEN_OVER_SECONDS_MAX: Final = 15  # five on a machine with nothing else to do
SOON_MISSED: Final = {"ORDERLOG_OWNER_SILENT_SECONDS_MAX": "2"}
CHANGES: Final = """
subscription { orderChanged(after: "0") { position order { orderId lifecycle } } }
"""


def assert_nothing_happened_twice(url: str, folder: Path) -> None:
    """And nothing is left undone: of a log at rest."""
    with closing(open_store(url)) as store, closing(open_read_models(store.location)) as database:
        evidence = evidence_of(store, Told())
        found = [
            *versions_are_contiguous(evidence),
            *money_adds_up(evidence),
            *effects_happen_once(evidence),
            *processes_end_or_wait(evidence),
            *read_models_differ(store, database, folder / new_id()),
        ]
    assert not found, "\n".join(found)


# --- one server of several processes ---


def test_a_crew_answers_as_one(orderlog: Program, postgres_url: str) -> None:
    with serving(orderlog, postgres_url, "--workers", "2") as server:
        each_reads_what_any_has_written(server)
        each_sees_what_any_has_changed(server)
        a_worker_that_dies_is_replaced(server, postgres_url)
        assert_nothing_happened_twice(postgres_url, orderlog.folder)
    assert server.process.returncode == 0


def each_reads_what_any_has_written(server: Server) -> None:
    for _ in range(6):
        order_id, position = server.place()
        assert server.status(order_id, position) in {"PENDING", "CONFIRMED"}
        server.confirms([order_id])


def each_sees_what_any_has_changed(server: Server) -> None:
    with ExitStack() as stack:
        watchers = [stack.enter_context(watching(server)) for _ in range(6)]
        order_id, _ = server.place()
        for watcher in watchers:
            eventually(partial(is_told_of, watcher, order_id))


@contextmanager
def watching(server: Server) -> Generator[ClientConnection]:
    """Somebody who is told which orders change."""
    address = server.url.replace("http", "ws") + "/graphql"
    with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        socket.send('{"type": "connection_init"}')
        assert json.loads(socket.recv())["type"] == "connection_ack"
        socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": CHANGES}}))
        yield socket


def is_told_of(watcher: ClientConnection, order_id: str) -> bool:
    """Whether the next thing is that this order is confirmed."""
    message = json.loads(watcher.recv(SECONDS_MAX))
    assert message["type"] == "next", message
    order = message["payload"]["data"]["orderChanged"]["order"]
    return bool(order == {"orderId": order_id, "lifecycle": "CONFIRMED"})


def a_worker_that_dies_is_replaced(server: Server, url: str) -> None:
    before = owner_of(url)
    order_ids = server.place_many(4)
    kill(before)
    order_ids += server.place_many(4)
    server.confirms(order_ids)
    assert owner_of(url) != before


# --- several servers and workers ---


def test_when_a_server_is_killed_the_other_one_takes_over(
    orderlog: Program, postgres_url: str
) -> None:
    with serving(orderlog, postgres_url) as first, serving(orderlog, postgres_url) as second:
        assert owner_of(postgres_url) == first.process.pid
        order_ids = [*first.place_many(3), *second.place_many(3)]
        second.confirms(order_ids)
        order_ids = second.place_many(4)
        kill(first.process.pid)
        killed_at = time.monotonic()
        eventually(lambda: owner_of(postgres_url) == second.process.pid)
        assert time.monotonic() - killed_at < TAKEN_OVER_SECONDS_MAX
        second.confirms([*order_ids, *second.place_many(2)])
        assert_nothing_happened_twice(postgres_url, orderlog.folder)


def test_a_worker_that_comes_back_from_a_long_pause_writes_nothing(
    orderlog: Program, postgres_url: str
) -> None:
    with ExitStack() as stack:
        api = stack.enter_context(serving(orderlog, postgres_url, "--api-only"))
        zombie = stack.enter_context(
            working(orderlog, postgres_url, PGAPPNAME="zombie", **SOON_MISSED)
        )
        stack.enter_context(working(orderlog, postgres_url, **SOON_MISSED))
        api.confirms(api.place_many(2))
        note_writers(postgres_url)
        for _ in range(2):
            api.confirms(api.place_many(1))
        assert writers(postgres_url) > {"zombie"}, "it is seen as long as it may write"

        order_ids = [api.draft() for _ in range(3)]
        zombie.send_signal(signal.SIGSTOP)
        for order_id in order_ids:
            api.tell("placeOrder", "position", orderId=order_id)
        eventually(lambda: owner_of(postgres_url) != zombie.pid)
        api.confirms(order_ids)
        forget_writers(postgres_url)

        zombie.send_signal(signal.SIGCONT)
        api.confirms(api.place_many(5))
        assert "zombie" not in writers(postgres_url)
        assert_nothing_happened_twice(postgres_url, orderlog.folder)


def note_writers(url: str) -> None:
    """From now on the database notes which program writes."""
    tables = ("stored_events", "checkpoints", "deadlines", "read_models.projection_checkpoints")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE writers (name TEXT)")
        connection.execute(
            "CREATE FUNCTION note_writer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO public.writers VALUES (current_setting('application_name')); "
            "RETURN NULL; END $$"
        )
        for table in tables:
            connection.execute(
                f"CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION note_writer()"
            )


def forget_writers(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE writers")


def writers(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT DISTINCT name FROM writers")}


# --- what is refused ---


@pytest.mark.parametrize(
    "arguments", [("serve", "--workers", "2"), ("serve", "--api-only"), ("worker",)]
)
def test_on_sqlite_one_process_does_everything(typed: Typed, *, arguments: tuple[str, ...]) -> None:
    answer = typed(*arguments, "--port", "0") if arguments[0] == "serve" else typed(*arguments)
    assert answer.returncode == ExitCode.USAGE
    assert answer.stderr.startswith("orderlog: On SQLite one process writes the log")
    assert "choose PostgreSQL with --database-url" in answer.stderr


def test_a_worker_has_something_to_do(typed: Typed, postgres_url: str) -> None:
    for names in (["--projections", "nonsense"], ["--projections", "", "--no-processes"]):
        answer = typed("worker", "--database-url", postgres_url, *names)
        assert answer.returncode == ExitCode.USAGE


def test_a_shared_port_is_not_shared_with_strangers() -> None:
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in listen_many("127.0.0.1", 0, 2)]
        port = sockets[0].getsockname()[1]
        assert [one.getsockname()[1] for one in sockets] == [port, port]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken"):
            listen_many("127.0.0.1", port, 2)
