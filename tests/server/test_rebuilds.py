"""`orderlog projections rebuild` and what goes with it: alone, and beside a server at work."""

import json
import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from orderlog.eventstore.store import EventStore, open_store
from orderlog_projections import checkpoints
from orderlog_projections.database import ReadDatabase
from orderlog_projections.order_list.tables import ORDER_LIST
from orderlog_projections.paging import COUNTED_ROWS_MAX
from orderlog_projections.registry import PROJECTIONS, open_read_models
from orderlog_projections.runner import ProjectionRunner
from tests.projections.shop import Log, OrderStory
from tests.support.program import Program, Typed

NAMES = [projection.name for projection in PROJECTIONS]
ORDERS_QUERY = '{"query": "{ orders(first: 3) { totalCount position nodes { id } } }"}'
EVENTS_PER_DRAFT = 3
SECONDS_MAX = 600.0


def drafts(count: int, seed: int = 0) -> Log:
    """Orders of three events, of which no process has to know."""
    log = Log(seed)
    for _ in range(count):
        story = OrderStory(log)
        story.line("MUG")
        story.line("TEA")
    return log


def append_drafts(store: EventStore, count: int) -> None:
    """A thousand at a time: a long log does not fit into memory."""
    log = Log()
    for begun in range(0, count, 1_000):
        for _ in range(min(1_000, count - begun)):
            story = OrderStory(log)
            story.line("MUG")
            story.line("TEA")
        store.append(log.events)
        log.events.clear()


@pytest.fixture
def store(tmp_path: Path) -> Generator[EventStore]:
    """The log that commands find by themselves, with five orders."""
    with closing(open_store(f"sqlite:///{tmp_path}/orderlog.db")) as store:
        store.append(drafts(5).events)
        yield store


def damage(store: EventStore) -> None:
    with closing(open_read_models(store.location)) as database, database.write() as connection:
        connection.execute(ORDER_LIST.table.update().values(grand_total=7))


def test_what_is_new_is_built_and_what_was_there_is_switched(
    typed: Typed, store: EventStore
) -> None:
    built = json.loads(typed("projections", "rebuild", "--json").stdout)
    assert (built["built"], built["switched"], built["comparisons"]) == (NAMES, [], [])
    again = json.loads(typed("projections", "rebuild", "--json").stdout)
    assert (again["built"], again["switched"]) == ([], NAMES)
    assert {one["position"] for one in again["comparisons"]} == {store.head()}
    orders = again["comparisons"][0]["tables"][0]
    assert (orders["table"], orders["serving_rows"], orders["different"]) == ("order_list", 5, 0)
    assert orders["serving_checksum"] == orders["other_checksum"]


def test_what_differs_is_told_and_waits_for_a_decision(typed: Typed, store: EventStore) -> None:
    typed("projections", "rebuild")
    damage(store)
    answer = typed("projections", "rebuild", "order_list")
    assert answer.returncode == 5
    assert answer.stdout.count("grand_total 7 → 200") == 5
    assert "order_list came out different and was kept beside" in answer.stderr
    assert typed("projections", "compare", "order_list").stdout == answer.stdout
    report = json.loads(typed("projections", "compare", "--json").stdout)
    assert report["comparisons"][0]["tables"][0]["different"] == 5
    assert typed("projections", "switch", "order_list").stdout == "Switched: order_list.\n"
    assert typed("projections", "rebuild", "order_list").returncode == 0


def test_one_can_go_back_until_the_previous_is_dropped(typed: Typed, store: EventStore) -> None:
    typed("projections", "rebuild")
    damage(store)
    accepted = typed("projections", "rebuild", "order_list", "--accept-differences")
    assert accepted.returncode == 0
    assert typed("projections", "back", "--json").stdout == '{"switched":["order_list"]}\n'
    assert "grand_total 7 → 200" in typed("projections", "rebuild", "order_list").stdout
    assert typed("projections", "drop").stdout == "Dropped: order_list.\n"
    assert typed("projections", "drop", "--next").stdout == "Dropped: order_list.\n"
    nothing = typed("projections", "back", "order_list")
    assert nothing.returncode == 1
    assert "There is no previous copy of order_list" in nothing.stderr


@contextmanager
def serving(program: Program, url: str) -> Generator[str]:
    """The address of a server; it ends well."""
    process = program.start("serve", "--port", "0", "--json", ORDERLOG_DATABASE_URL=url)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0, said
    assert "rror" not in said[1], said


def wait_until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < give_up_at, "it did not come to pass in time"
        time.sleep(0.002)


class Watching:
    """Asks the server all the time, while orders come in, and finds no fault in its answers."""

    def __init__(self, store: EventStore, url: str) -> None:
        self.store = store
        self.url = url
        self.answers = 0
        self.slowest_seconds = 0.0
        self.lag = 0
        self._is_over = threading.Event()
        self._errors: list[BaseException] = []

    @contextmanager
    def going_on(self) -> Generator[None]:
        threads = [threading.Thread(target=self._kept(work)) for work in (self._write, self._read)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            for thread in threads:
                thread.join()
        if self._errors:
            raise self._errors[0]

    def _kept(self, work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised again in the test
                self._errors.append(error)

        return run

    def _write(self) -> None:
        log, written = drafts(5_000, seed=1), 0
        while not self._is_over.wait(0.015):
            self.store.append(log.events[written : written + EVENTS_PER_DRAFT])
            written += EVENTS_PER_DRAFT

    def _read(self) -> None:
        json_type = {"content-type": "application/json"}
        with httpx2.Client(base_url=self.url, headers=json_type, timeout=10) as http:
            while not self._is_over.is_set():
                begun, head = time.monotonic(), self.store.head()
                answer = http.post("/graphql", content=ORDERS_QUERY).json()
                assert "errors" not in answer, answer
                self._check(answer["data"]["orders"], head)
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - begun)
                self.answers += 1

    def _check(self, orders: dict[str, object], head: int) -> None:
        """As many orders as there were at its position, which is near the end of the log."""
        position = int(str(orders["position"]))
        assert orders["totalCount"] == min(-(-position // EVENTS_PER_DRAFT), COUNTED_ROWS_MAX)
        self.lag = max(self.lag, head - position)


def test_a_server_answers_while_read_models_are_rebuilt_and_that_is_killed(
    database_url: str, orderlog: Program
) -> None:
    rebuilt_under_load(database_url, orderlog, orders=3_000)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_a_server_answers_while_a_million_events_are_read_again(
    database_url: str, orderlog: Program
) -> None:
    rebuilt_under_load(database_url, orderlog, orders=340_000)


def rebuilt_under_load(database_url: str, orderlog: Program, orders: int) -> None:
    """Two hundred events a second come in, and somebody reads all the time."""
    with (
        long_log(database_url, orders) as (store, database),
        serving(orderlog, database_url) as url,
    ):
        watching = Watching(store, url)
        with watching.going_on():
            broken_off_at = killed_in_the_midst(orderlog, database, database_url)
            run = command(orderlog, database_url)
            done = json.loads(run("rebuild", "--json"))
            assert done["switched"] == NAMES
            assert min(one["position"] for one in done["comparisons"]) > broken_off_at
            idle_seconds, back_seconds = seconds_of(run, "status"), seconds_of(run, "back")
            run("drop")
    assert back_seconds - idle_seconds < 5
    assert watching.answers > 50
    assert watching.slowest_seconds < 2
    assert watching.lag < 200, "the server fell behind by a second"


@contextmanager
def long_log(url: str, orders: int) -> Generator[tuple[EventStore, ReadDatabase]]:
    """With read models that are up to date."""
    with closing(open_store(url)) as store, closing(open_read_models(store.location)) as database:
        append_drafts(store, orders)
        ProjectionRunner(store, database, PROJECTIONS).catch_up()
        yield store, database


def seconds_of(run: Callable[..., str], *arguments: str) -> float:
    begun = time.monotonic()
    run(*arguments)
    return time.monotonic() - begun


def position_of(database: ReadDatabase, key: str) -> int:
    return database.read(lambda connection: checkpoints.position_of(connection, key))


def killed_in_the_midst(program: Program, database: ReadDatabase, url: str) -> int:
    """How far it had come."""
    process = program.start("projections", "rebuild", ORDERLOG_DATABASE_URL=url)
    wait_until(lambda: position_of(database, "order_list__next") > 0)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    return position_of(database, "order_list__next")


def command(program: Program, url: str) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        process = program.start("projections", *arguments, ORDERLOG_DATABASE_URL=url)
        out, said = process.communicate(timeout=SECONDS_MAX)
        assert process.returncode == 0, said
        return out

    return run
