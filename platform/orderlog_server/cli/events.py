"""`events tail` and `events show`: the log itself, as it was written."""

import re
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json

if TYPE_CHECKING:
    from orderlog.consumers.event_log import EventLog, LoggedEvent
    from orderlog.eventstore.store import EventStore, RecordedEvent

PAGE_EVENTS: Final = 500
STOP_SECONDS_MAX: Final = 0.2
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COLOURS: Final = {"order": "cyan", "stock": "green", "payment": "yellow", "process": "magenta"}

events = typer.Typer(help="Read the log of events.")


@events.command()
def tail(
    *,
    last: Annotated[int, typer.Option(min=0, metavar="N", help="How many to begin with.")] = 10,
    after: Annotated[
        int | None, typer.Option(min=0, metavar="POSITION", help="Begin after this position.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new events until Ctrl-C.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--type", metavar="NAME", help="Only events of this type.")
    ] = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Prints the end of the log, and with --follow what is added to it."""
    types = frozenset(only or ())
    _require_known(types)
    with opened_store(database_url) as store:
        position = max(0, store.head() - last) if after is None else after
        printer = LogPrinter(store, position, types, as_json=as_json)
        try:
            if follow:
                printer.follow()
            else:
                printer.print_new()
        except KeyboardInterrupt:
            hint = f"go on with: orderlog events tail --follow --after {printer.position}"
            console(stderr=True).print(f"\nStopped; {hint}", soft_wrap=True)
            raise


@events.command()
def show(
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="A position, a stream (order-…) or an order id.")
    ],
    *,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Prints one event, or all events of one stream, whole."""
    from orderlog.consumers.event_log import EventLog, logged

    with opened_store(database_url) as store:
        found = _find(EventLog(store), what)
    if not found:
        raise Failed(
            f"The log has nothing under {what!r}; `orderlog events tail` lists what it has."
        )
    for event in map(logged, found):
        print_json(event) if as_json else _print_whole(event)


def register(program: typer.Typer) -> None:
    program.add_typer(events, name="events")


@contextmanager
def opened_store(database_url: str | None) -> Generator["EventStore"]:
    """The log that is there already: reading makes no new one."""
    from orderlog.eventstore.store import open_store
    from orderlog_server.existing import require_log
    from orderlog_server.observability.logs import configure_logs
    from orderlog_server.settings import load_settings

    settings = load_settings(database_url=database_url)
    configure_logs(settings)
    require_log(settings.database_url)
    store = open_store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def _require_known(types: Iterable[str]) -> None:
    from orderlog_server.catalogue import event_names

    for name in types:
        if name not in event_names():
            sentence = f"No event is called {name!r}; see `orderlog docs events`."
            raise Failed(sentence, ExitCode.USAGE)


def _find(log: "EventLog", what: str) -> list["RecordedEvent"]:
    if what.isdecimal():
        return log.at([int(what)])
    return log.stream(f"order-{what}" if UUID.fullmatch(what) else what)


class LogPrinter:
    """Prints what comes after `position`, and moves it along."""

    def __init__(
        self, store: "EventStore", position: int, types: frozenset[str], *, as_json: bool
    ) -> None:
        self.position = position
        self._store = store
        self._types = types
        self._told_to_stop: list[None] = []
        self._print: Callable[[LoggedEvent], None] = print_json if as_json else _print_line

    def print_new(self) -> None:
        from orderlog.consumers.event_log import logged

        while not self._told_to_stop and (page := self._store.page(self.position, PAGE_EVENTS)):
            for event in map(logged, page):
                if not self._types or event.type in self._types:
                    self._print(event)
                self.position = event.position

    def _stop(self, *_: object) -> None:
        self._told_to_stop.append(None)

    def follow(self) -> None:
        """Raises `KeyboardInterrupt` after Ctrl-C.

        It is heard between two reads: in the middle of one it might leave the store locked.
        """
        from orderlog.eventstore.changes import watcher_of

        before = signal.signal(signal.SIGINT, self._stop)
        grown, stopped = threading.Event(), threading.Event()
        watch = watcher_of(self._store).watch
        watcher = threading.Thread(target=watch, args=(grown.set, stopped), daemon=True)
        watcher.start()
        try:
            while not self._told_to_stop:
                self.print_new()
                grown.wait(STOP_SECONDS_MAX)
                grown.clear()
        finally:
            signal.signal(signal.SIGINT, before)
            stopped.set()
            watcher.join()
        raise KeyboardInterrupt


def _print_line(event: "LoggedEvent") -> None:
    from rich.text import Text

    colour = COLOURS.get(event.stream_id.partition("-")[0], "white")
    console().print(
        Text.assemble(
            (f"{event.position:>8} ", "bold"),
            (f"{event.occurred_at:%Y-%m-%d %H:%M:%S}  ", "dim"),
            (f"{event.type:<28}", colour),
            f"{event.stream_id} ",
            (f"v{event.stream_version}", "dim"),
        ),
        soft_wrap=True,
    )


def _print_whole(event: "LoggedEvent") -> None:
    import msgspec
    from rich.json import JSON

    _print_line(event)
    console().print(JSON(msgspec.json.encode(event).decode()), soft_wrap=True)
