"""Named points in the work of a server at which a test may kill it, to the instruction.

The product holds no hooks for this: its functions are wrapped here, in the process to be killed.
"""

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orderlog.eventstore.postgres import ClearPostgresDatastore, GroupPostgresRecorder
from orderlog.eventstore.recorder import AppendUnit, Outcome
from orderlog.eventstore.sqlite import ClearSQLiteDatastore
from orderlog.eventstore.store import EventStore
from orderlog_projections.database import ReadDatabase
from orderlog_server import serving
from tests.support.gateway import RememberingSandbox

TRANSACT: Final = "_transact"
"""Appends to PostgreSQL commit on a connection of their own, not in a transaction of the pool."""

Pass = Callable[[], None]
"""Called whenever the point is passed."""


def around(
    owner: type, name: str, *, before: Pass | None = None, after: Pass | None = None
) -> None:
    """Wraps a method."""
    method: Callable[..., Any] = getattr(owner, name)

    @wraps(method)
    def wrapped(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - any method
        if before:
            before()
        outcome = method(*given, **named)
        if after:
            after()
        return outcome

    setattr(owner, name, wrapped)


def around_end(
    owner: type, name: str, *, before: Pass | None = None, after: Pass | None = None
) -> None:
    """Wraps the end of a method that is a context: of a transaction, that is its commit."""
    method: Callable[..., AbstractContextManager[Any]] = getattr(owner, name)

    @contextmanager
    def wrapped(*given: Any, **named: Any) -> Generator[Any]:  # noqa: ANN401 - any method
        is_lasting = named.get("commit", True)
        with method(*given, **named) as value:
            yield value
            if before and is_lasting:
                before()
        if after and is_lasting:
            after()

    setattr(owner, name, wrapped)


def before_commit(reached: Pass) -> None:
    for datastore in (ClearSQLiteDatastore, ClearPostgresDatastore):
        around_end(datastore, "transaction", before=reached)
    transact: Callable[..., Any] = getattr(GroupPostgresRecorder, TRANSACT)

    def transacted(recorder: GroupPostgresRecorder, act: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as wrapped
        def acted(cursor: Any) -> Any:  # noqa: ANN401 - as wrapped
            result = act(cursor)
            reached()
            return result

        return transact(recorder, acted)

    setattr(GroupPostgresRecorder, TRANSACT, transacted)


def after_commit(reached: Pass) -> None:
    for datastore in (ClearSQLiteDatastore, ClearPostgresDatastore):
        around_end(datastore, "transaction", after=reached)
    around(GroupPostgresRecorder, TRANSACT, after=reached)


def before_answer(reached: Pass) -> None:
    """What was asked is done, and nobody hears of it."""
    make_app: Callable[..., ASGIApp] = getattr(serving, "make_app")  # noqa: B009 - as below

    def made(*given: Any) -> ASGIApp:  # noqa: ANN401 - handed on
        app = make_app(*given)

        async def answering(scope: Scope, receive: Receive, send: Send) -> None:
            async def passed_on(message: Message) -> None:
                if message["type"] == "http.response.start" and scope["method"] == "POST":
                    reached()
                await send(message)

            await app(scope, receive, passed_on)

        return answering

    setattr(serving, "make_app", made)  # noqa: B010 - another type, as far as callers care


POINTS: Final[dict[str, Callable[[Pass], None]]] = {
    "before an append": lambda p: around(EventStore, "append_group", before=p),
    "after an append": lambda p: around(EventStore, "append_group", after=p),
    "before a commit": before_commit,
    "after a commit": after_commit,
    "before an answer": before_answer,
    "before a page of read models is kept": lambda p: around_end(ReadDatabase, "write", before=p),
    "after a page of read models is kept": lambda p: around_end(ReadDatabase, "write", after=p),
    "before the checkpoint of the processes": lambda p: around(
        EventStore, "move_checkpoint", before=p
    ),
    "after the checkpoint of the processes": lambda p: around(
        EventStore, "move_checkpoint", after=p
    ),
    "before the gateway is asked": lambda p: around(RememberingSandbox, "_do", before=p),
    "after the gateway was asked": lambda p: around(RememberingSandbox, "_do", after=p),
}


def kill_at(point: str, passage: int) -> None:
    """From now on, this process kills itself when it passes the point for the n-th time."""
    left = passage

    def reached() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    POINTS[point](reached)


# --- and what a server would be without a safeguard: the tests must find it out ---


def forget_answers() -> None:
    """Commands are done without a note of what was answered under their key."""
    append = EventStore.append_group

    def without_answers(store: EventStore, units: Sequence[AppendUnit]) -> list[Outcome]:
        return append(store, [unit._replace(answer=None) for unit in units])

    setattr(EventStore, "append_group", without_answers)  # noqa: B010 - typed as if it were none


SABOTAGE: Final[dict[str, Callable[[], None]]] = {"forgets answers": forget_answers}
