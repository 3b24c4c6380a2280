"""What `orderlog doctor` looks at: each finding says what is so and, if that is bad, what helps."""

import platform
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orderlog import __version__
from orderlog.eventstore.errors import StoreError
from orderlog.eventstore.store import EventStore, open_store
from orderlog.eventstore.urls import SqliteLocation
from orderlog_projections.registry import open_read_models, serving_positions
from orderlog_server.auth.opening import open_authentication
from orderlog_server.auth.revocations import RevocationsUnreadable
from orderlog_server.existing import require_log
from orderlog_server.listening import PortTaken, listen
from orderlog_server.settings import Auth, Settings, SettingsError
from orderlog_server.web import WEB_FOLDER

PYTHON_OLDEST: Final = (3, 11)
SQLITE_OLDEST: Final = (3, 35)  # RETURNING


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    is_well: bool
    state: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything, in the order in which it is needed."""
    return [
        Finding("orderlog", is_well=True, state=__version__),
        examine_python(),
        examine_sqlite(),
        *examine_database(settings),
        examine_tokens(settings),
        examine_web(),
        examine_port(settings),
    ]


def examine_python() -> Finding:
    is_well = sys.version_info >= PYTHON_OLDEST
    remedy = "" if is_well else "Install Python 3.11 or newer."
    return Finding("Python", is_well, platform.python_version(), remedy)


def examine_sqlite() -> Finding:
    is_well = sqlite3.sqlite_version_info >= SQLITE_OLDEST
    remedy = "" if is_well else "Use a Python whose SQLite is 3.35 or newer."
    return Finding("SQLite", is_well, sqlite3.sqlite_version, remedy)


def examine_database(settings: Settings) -> Iterator[Finding]:
    """Reachable and writable, the head of the log, and how far each read model is behind."""
    try:
        require_log(settings.database_url)
        store = open_store(settings.database_url)
    except StoreError as error:
        state, _, remedy = str(error).partition(";")
        yield Finding("database", is_well=False, state=state, remedy=remedy.strip())
        return
    try:
        where = store.location
        place = str(where.path) if isinstance(where, SqliteLocation) else repr(where)
        head = store.head()
        yield Finding("database", is_well=True, state=f"{place} can be written")
        yield Finding("log", is_well=True, state=f"{head:,} positions")
        yield from examine_projections(store, head)
    finally:
        store.close()


def examine_tokens(settings: Settings) -> Finding:
    """Whether the server would start, as far as keys are concerned."""
    if settings.auth is Auth.NONE:
        state = "not asked for: whoever works at this machine may do everything"
        return Finding("tokens", is_well=True, state=state)
    try:
        open_authentication(settings)
    except (RevocationsUnreadable, SettingsError) as error:
        state, _, remedy = str(error).partition("; ")
        return Finding("tokens", is_well=False, state=state, remedy=remedy)
    return Finding("tokens", is_well=True, state="can be checked")


def examine_web() -> Finding:
    if (WEB_FOLDER / "index.html").exists():
        return Finding("web UI", is_well=True, state="built")
    remedy = "With Node 20.19 or newer: python3 dev.py setup"
    return Finding("web UI", is_well=False, state="not built", remedy=remedy)


def examine_port(settings: Settings) -> Finding:
    place = f"{settings.host}:{settings.port}"
    try:
        listen(settings.host, settings.port).close()
    except PortTaken:
        state = f"{place} is taken; maybe orderlog is running"
        return Finding("port", is_well=True, state=state)
    except OSError as error:
        remedy = "Choose another with --port or ORDERLOG_PORT."
        return Finding("port", is_well=False, state=f"{place}: {error.strerror}", remedy=remedy)
    return Finding("port", is_well=True, state=f"{place} is free")


def examine_projections(store: EventStore, head: int) -> Iterator[Finding]:
    """How far the read model that is furthest behind is from the head."""
    try:
        database = open_read_models(store.location)
    except StoreError as error:
        state, _, remedy = str(error).partition(";")
        yield Finding("read models", is_well=False, state=state, remedy=remedy.strip())
        return
    try:
        positions = database.read(serving_positions)
    finally:
        database.close()
    lag = head - min(positions.values(), default=0)
    state = f"{len(positions)}, the slowest {lag:,} positions behind" if lag else "up to date"
    yield Finding("read models", is_well=True, state=state)
