"""Two processes write one log on PostgreSQL: what both want is right, what one wants is quick."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from orderlog.application.metadata import new_metadata
from orderlog.application.writer import Question, Receipt, Unit, Writer
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.store import EventStore, open_store
from tests.application.test_idempotency import assert_no_command_twice
from tests.support.events import STAFF
from tests.support.stock import receive, register, reserve

CLIENTS = 8
COMMANDS = 40


class Process:
    """A writer with a store of its own."""

    def __init__(self, url: str) -> None:
        self.store = open_store(url)
        self._loop = asyncio.get_running_loop()
        self._writer = Writer(self.store, lambda: None)

    def put(self, unit: Unit) -> None:
        self._writer.put(unit)

    def ask(self, stream_id: str, read: Callable[[Aggregate | None], None]) -> None:
        """Nobody waits for the answer."""
        self._writer.put(Question(stream_id, read, lambda _: None))

    async def send(self, *commands: Command) -> tuple[Receipt | BaseException, int]:
        """The answer, and how often it had to be decided again."""
        answered: asyncio.Future[Receipt | BaseException] = self._loop.create_future()

        def answer(outcome: Receipt | BaseException) -> None:
            self._loop.call_soon_threadsafe(answered.set_result, outcome)

        unit = Unit(commands, new_metadata(STAFF), answer)
        self.put(unit)
        return await answered, unit.attempts

    async def insist(self, *commands: Command) -> Receipt:
        """As a client does, that is told to try again."""
        while True:
            outcome, _ = await self.send(*commands)
            if isinstance(outcome, Receipt):
                return outcome
            assert isinstance(outcome, Rejected)
            assert outcome.code is ErrorCode.CONTENTION

    async def close(self) -> None:
        await asyncio.to_thread(self._writer.close)
        self.store.close()


@pytest.fixture
async def processes(postgres_url: str) -> AsyncIterator[list[Process]]:
    async with AsyncExitStack() as stack:
        processes = [Process(postgres_url) for _ in range(2)]
        for process in processes:
            stack.push_async_callback(process.close)
        yield processes


def streams_of(store: EventStore) -> dict[str, list[int]]:
    """All versions in the order of the log, by stream."""
    streams: dict[str, list[int]] = {}
    position = 0
    while page := store.page(position):
        for recorded in page:
            event = recorded.event
            streams.setdefault(event.originator_id, []).append(event.originator_version)
        position = page[-1].position
    return streams


async def test_all_adds_up_and_who_is_not_involved_is_never_sent_back(
    processes: list[Process],
) -> None:
    """Both work on MUG, one command at a time of each client, and each on things of its own."""
    await processes[0].insist(register(), receive(100))

    async def work_on_the_same(process: Process) -> None:
        for _ in range(COMMANDS):
            await process.insist(receive(2), reserve(1))

    async def work_alone(process: Process, sku: str) -> list[int]:
        attempts = [(await process.send(register(sku)))[1]]
        for _ in range(COMMANDS):
            outcome, repeated = await process.send(receive(1, sku))
            assert isinstance(outcome, Receipt)
            attempts.append(repeated)
        return attempts

    hot = [work_on_the_same(process) for process in processes for _ in range(CLIENTS)]
    cold = [
        work_alone(process, f"OWN-{number}-{client}")
        for number, process in enumerate(processes)
        for client in range(CLIENTS)
    ]
    async with asyncio.timeout(60):
        _, attempts = await asyncio.gather(asyncio.gather(*hot), asyncio.gather(*cold))

    assert {repeated for one in attempts for repeated in one} == {0}
    streams = streams_of(processes[0].store)
    assert len(streams["stock-main-MUG"]) == 2 + 2 * 2 * CLIENTS * COMMANDS
    for versions in streams.values():
        assert versions == list(range(1, len(versions) + 1))
    assert_no_command_twice(processes[1].store)


async def test_the_last_units_are_sold_once(processes: list[Process]) -> None:
    await processes[0].insist(register(), receive(100))
    buyers = [process.insist(reserve(1)) for _ in range(150) for process in processes]
    async with asyncio.timeout(60):
        receipts = await asyncio.gather(*buyers)
    topics = [receipt.events[0].event.TOPIC for receipt in receipts]
    assert topics.count("StockReserved") == 100


async def test_who_was_answered_may_ask_at_once(processes: list[Process]) -> None:
    """Even from within the answer: what was told is durable, and no ground to look no further."""
    one, other = processes
    await one.insist(register())
    versions: list[int] = []
    has_looked = threading.Event()

    def look(item: Aggregate | None) -> None:
        versions.append(item.version if item else 0)
        has_looked.set()

    def told(_: object) -> None:
        """In a thread of the writer: another process is quicker than whoever asks next."""
        asyncio.run_coroutine_threadsafe(other.insist(receive(1)), loop).result(20)
        one.ask(register().stream_id, look)
        assert has_looked.wait(20)

    loop = asyncio.get_running_loop()
    one.put(Unit([receive(1)], new_metadata(STAFF), told))
    await asyncio.to_thread(has_looked.wait, 20)
    assert versions[-1] == 3
