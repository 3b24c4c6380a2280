"""`projections rebuild | compare | switch | back | drop`: read models made anew beside others."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, Annotated

import typer

from orderlog_server.cli.comparisons import show_comparisons
from orderlog_server.cli.exits import ExitCode, Failed
from orderlog_server.cli.options import AsJson, DatabaseUrl
from orderlog_server.cli.output import console, print_json, progress_bar
from orderlog_server.cli.projections import opened_read_models

if TYPE_CHECKING:
    from rich.progress import TaskID

    from orderlog.eventstore.store import EventStore
    from orderlog_projections.comparison import Comparison
    from orderlog_projections.copies import Slot
    from orderlog_projections.database import ReadDatabase
    from orderlog_projections.projection import Projection
    from orderlog_projections.runner import OnProgress

    Chosen = Sequence[Projection]

Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Only this one; all where left out.")
]


def rebuild(
    name: Name = None,
    *,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew where one was broken off.")
    ] = False,
    accept_differences: Annotated[
        bool, typer.Option("--accept-differences", help="Switch even where rows differ.")
    ] = False,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Makes read models anew from the log, beside those that answer, and switches if all is equal.

    Broken off, it goes on where it was. The old ones stay as the previous, to go `back` to.
    """
    from orderlog_projections import rebuild as rebuilding
    from orderlog_projections.copies import Slot

    with _opened(database_url, name) as work:
        work.build()
        rebuilding.begin(work.database, work.chosen, anew=restart)
        work.fill(Slot.NEXT)
        reports = list(work.compared())
        accepted = [report.is_equal or accept_differences for report in reports]
        work.switch(list(compress(work.chosen, accepted)), Slot.NEXT)
    work.show(reports, as_json=as_json)
    _fail_if_any(reports, are_accepted=accept_differences)


def compare(
    name: Name = None, *, database_url: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """Compares what a rebuild has kept beside with what answers, row by row."""
    from orderlog_projections.copies import Slot

    with _opened(database_url, name, Slot.NEXT) as work:
        work.fill(Slot.NEXT)
        reports = list(work.compared())
    work.show(reports, as_json=as_json)
    _fail_if_any(reports)


def switch(name: Name = None, *, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Lets what a rebuild has kept beside answer, equal or not."""
    from orderlog_projections.copies import Slot

    _fill_and_switch(database_url, name, Slot.NEXT, as_json=as_json)


def back(name: Name = None, *, database_url: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Lets those answer again that did before the last switch."""
    from orderlog_projections.copies import Slot

    _fill_and_switch(database_url, name, Slot.PREVIOUS, as_json=as_json)


def drop(
    name: Name = None,
    *,
    unfinished: Annotated[
        bool, typer.Option("--next", help="What a rebuild has kept beside, instead.")
    ] = False,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Takes the previous ones away: there is no going back then."""
    from orderlog_projections import rebuild as rebuilding
    from orderlog_projections.copies import Slot

    slot = Slot.NEXT if unfinished else Slot.PREVIOUS
    with _opened(database_url, name, slot) as work:
        rebuilding.drop(work.database, work.chosen, slot)
    _say("dropped", _names(work.chosen), as_json=as_json)


def register(projections: typer.Typer) -> None:
    for command in (rebuild, compare, switch, back, drop):
        projections.command()(command)


@dataclass
class _Work:
    """Read models that something is done about, and what was done."""

    store: "EventStore"
    database: "ReadDatabase"
    chosen: "Chosen"
    begun: float = field(default_factory=time.perf_counter)
    built: list[str] = field(default_factory=list[str])
    switched: list[str] = field(default_factory=list[str])
    reading_seconds: float = 0

    def build(self) -> None:
        """Those that are new are ready then; the rest is still to be done."""
        from orderlog_projections import rebuild as rebuilding

        with self._reading() as on_progress:
            built = rebuilding.build(self.store, self.database, self.chosen, on_progress)
        self.built = _names(built)
        self.chosen = [one for one in self.chosen if one not in built]

    def fill(self, slot: "Slot") -> None:
        """Brings copies to where the serving ones are."""
        from orderlog_projections import rebuild as rebuilding

        with self._reading() as on_progress:
            rebuilding.fill(self.store, self.database, self.chosen, slot, on_progress)

    @contextmanager
    def _reading(self) -> "Generator[OnProgress]":
        begun = time.perf_counter()
        try:
            with _shown_progress() as on_progress:
                yield on_progress
        except KeyboardInterrupt:
            hint = "the same command goes on where it was"
            console(stderr=True).print(f"\nStopped half-way; {hint}.", soft_wrap=True)
            raise
        finally:
            self.reading_seconds += time.perf_counter() - begun

    def compared(self) -> "Iterator[Comparison]":
        from orderlog_projections import rebuild as rebuilding

        for projection in self.chosen:
            with console(stderr=True).status(f"comparing {projection.name}"):
                yield rebuilding.compare(self.store, self.database, projection)

    def switch(self, ready: "Chosen", slot: "Slot") -> None:
        from orderlog_projections import rebuild as rebuilding

        for projection in ready:
            rebuilding.switch(self.store, self.database, projection, slot)
            self.switched.append(projection.name)

    def show(self, reports: "Sequence[Comparison]", *, as_json: bool) -> None:
        """`seconds` are those of the whole; `reading_seconds` those in which the log was read."""
        seconds = time.perf_counter() - self.begun
        if as_json:
            told = {
                "built": self.built,
                "switched": self.switched,
                "seconds": round(seconds, 3),
                "reading_seconds": round(self.reading_seconds, 3),
                "comparisons": reports,
            }
            print_json(told)
            return
        if reports:
            show_comparisons(reports)
        if self.built:
            console().print(f"Built: {', '.join(self.built)}.", soft_wrap=True)
        if self.switched:
            switched = f"Switched after {seconds:.1f} s: {', '.join(self.switched)}."
            kept = "The previous ones stay until: orderlog projections drop"
            console().print(f"{switched}\n{kept}", soft_wrap=True)


@contextmanager
def _opened(
    database_url: str | None, name: str | None, slot: "Slot | None" = None
) -> Generator[_Work]:
    """The read models with this name, or all; where a slot is given, those with a copy in it."""
    from orderlog_projections.rebuild import standing

    chosen = _chosen(name)
    with opened_read_models(database_url) as (store, database):
        if slot is not None and not (chosen := standing(database, chosen, slot)):
            message = f"There is no {slot} copy of {name or 'any read model'}; rebuild it first."
            raise Failed(message)
        yield _Work(store, database, chosen)


def _chosen(name: str | None) -> "Chosen":
    from orderlog_projections.registry import find_projections

    try:
        return find_projections([] if name is None else [name])
    except LookupError as error:
        raise Failed(str(error), ExitCode.USAGE) from None


def _fill_and_switch(
    database_url: str | None, name: str | None, slot: "Slot", *, as_json: bool
) -> None:
    with _opened(database_url, name, slot) as work:
        work.fill(slot)
        work.switch(work.chosen, slot)
    _say("switched", work.switched, as_json=as_json)


def _names(projections: "Chosen") -> list[str]:
    return [projection.name for projection in projections]


def _say(done: str, names: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({done: names})
    else:
        console().print(f"{done.title()}: {', '.join(names)}.", soft_wrap=True)


def _fail_if_any(reports: "Sequence[Comparison]", *, are_accepted: bool = False) -> None:
    different = [report.projection for report in reports if not report.is_equal]
    if different and not are_accepted:
        message = (
            f"{', '.join(different)} came out different and was kept beside: look with "
            "`orderlog projections compare`, take it with `switch`, or mend it and `rebuild "
            "--restart`."
        )
        raise Failed(message, ExitCode.DIFFERENT)


@contextmanager
def _shown_progress() -> "Generator[OnProgress]":
    """Shows nothing until there is something to show."""
    begun, first = time.perf_counter(), -1
    with progress_bar("events") as progress:
        task: TaskID | None = None

        def show(position: int, head: int) -> None:
            nonlocal task, first
            if task is None:
                first = position
                task = progress.add_task("reading the log", rate=0.0)
            rate = (position - first) / (time.perf_counter() - begun)
            progress.update(task, completed=position, total=head, rate=rate)

        yield show
