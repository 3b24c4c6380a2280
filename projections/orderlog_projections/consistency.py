"""Who waits for a read model: a query that wants its own write, a subscription that shows rows.

The runner's thread says what it has reached; waiters on event loops are woken, nobody polls.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

CHANGED_KEYS_MAX: Final = 10_000
Listener = Callable[[int, frozenset[str]], None]
Herald = Callable[[int, Collection[str]], None]
"""`(position, names)`: these have come so far."""


class Change(NamedTuple):
    """A projection has reached a position; the rows with these keys are new or other ones."""

    position: int
    keys: frozenset[str]


class ReaderTooSlow(Exception):
    """More rows changed than are remembered for a reader: it should read its rows anew."""

    def __init__(self, position: int) -> None:
        super().__init__(f"Too many changes were waiting; go on after position {position}.")
        self.position = position


def _set_on(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Sets an event of another thread's loop; one that is closed has nobody left to wake."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(event.set)


def _tell_nobody(position: int, names: Collection[str]) -> None:
    """All who wait are in this process."""


@dataclass(eq=False, slots=True)
class _Waiter:
    loop: asyncio.AbstractEventLoop
    names: frozenset[str]
    position: int
    reached: asyncio.Event

    def wake(self) -> None:
        _set_on(self.loop, self.reached)


class Consistency:
    """Thread-safe: the runner reports from its thread, anyone waits on any event loop."""

    def __init__(self, positions: Mapping[str, int], herald: Herald = _tell_nobody) -> None:
        self.herald = herald
        self.moves = 0
        """Grows whenever a row may have become another one."""
        self._positions = dict(positions)
        self._waiters: set[_Waiter] = set()
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._lock = threading.Lock()

    def reached(self, position: int, changed: Mapping[str, frozenset[str]]) -> None:
        """Projections have committed a page that ends at a position, with these keys changed."""
        for call, name in self._advance(position, changed):
            call(position, changed[name])
        self.herald(position, changed)

    def followed(self, position: int, name: str, keys: Callable[[], frozenset[str]]) -> None:
        """Another process has brought a projection to a position; `keys` finds out what changed."""
        calls = self._advance(position, [name])
        changed = keys() if calls else frozenset[str]()
        for call, _ in calls:
            call(position, changed)

    def changed(self, name: str, keys: frozenset[str]) -> None:
        """Rows are other ones although the projection has not moved."""
        with self._lock:
            self.moves += 1
            position, calls = self._positions[name], self._heard(name)
        for call in calls:
            call(position, keys)

    def _advance(self, position: int, names: Iterable[str]) -> list[tuple[Listener, str]]:
        """Wakes whoever waits for this, and returns whom to tell; what is known is no news."""
        with self._lock:
            news = [name for name in names if position > self._positions.get(name, 0)]
            self._positions.update(dict.fromkeys(news, position))
            self.moves += bool(news)
            satisfied = [one for one in self._waiters if self._have_reached(one)]
            self._waiters.difference_update(satisfied)
            calls = [(call, name) for name in news for call in self._heard(name)]
        for waiter in satisfied:
            waiter.wake()
        return calls

    def position_of(self, name: str) -> int:
        """What a projection has reached."""
        with self._lock:
            return self._positions[name]

    def rewound(self, positions: Mapping[str, int]) -> None:
        """A rebuild has begun: what was reached before does not count any more."""
        with self._lock:
            self.moves += 1
            for name, position in positions.items():
                self._positions[name] = min(position, self._positions.get(name, 0))

    async def wait(self, names: Iterable[str], position: int, timeout_seconds: float) -> bool:
        """Whether all these projections have reached a position, at the latest after the time."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, frozenset(names), position, asyncio.Event())
        with self._lock:
            if self._have_reached(waiter):
                return True
            self._waiters.add(waiter)
        try:
            async with asyncio.timeout(timeout_seconds):
                await waiter.reached.wait()
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._waiters.discard(waiter)
        return True

    def on_page(self, name: str, listener: Listener) -> Callable[[], None]:
        """Calls `listener(position, keys)` after each page; returns how to stop that.

        It is called in the runner's thread: it must be quick and must not raise.
        """
        with self._lock:
            self._listeners[name] = (*self._heard(name), listener)
        return lambda: self._forget(name, listener)

    async def changes(self, name: str) -> AsyncGenerator[Change]:
        """What changes from now on, after a first change without keys that says where it stands.

        Changes that nobody has taken yet are told as one.
        Raises `ReaderTooSlow` when a reader lets more than 10,000 changed rows wait.
        """
        feed = _Feed(asyncio.get_running_loop())
        stop = self.on_page(name, feed.push)
        try:
            yield Change(self.position_of(name), frozenset())
            while True:
                yield await feed.next_change()
        finally:
            stop()

    def _have_reached(self, waiter: _Waiter) -> bool:
        return all(self._positions.get(name, 0) >= waiter.position for name in waiter.names)

    def _heard(self, name: str) -> tuple[Listener, ...]:
        return self._listeners.get(name, ())

    def _forget(self, name: str, listener: Listener) -> None:
        with self._lock:
            self._listeners[name] = tuple(one for one in self._heard(name) if one is not listener)


class _Feed:
    """What has changed for one reader since it last asked."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._filled = asyncio.Event()
        self._lock = threading.Lock()
        self._position = 0
        self._keys: frozenset[str] = frozenset()

    def push(self, position: int, keys: frozenset[str]) -> None:
        if not keys:
            return
        with self._lock:
            self._position = position
            self._keys |= keys
        _set_on(self._loop, self._filled)

    async def next_change(self) -> Change:
        await self._filled.wait()
        self._filled.clear()
        with self._lock:
            change = Change(self._position, self._keys)
            self._keys = frozenset()
        if len(change.keys) > CHANGED_KEYS_MAX:
            raise ReaderTooSlow(change.position)
        return change
