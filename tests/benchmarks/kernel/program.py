"""How a benchmark runs: its arguments, its figures on the terminal, and where they are kept."""

import argparse
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tests.benchmarks.kernel.comparison import COLUMNS, Line, Result, cells
from tests.benchmarks.kernel.databases import Databases, Kind, fresh_databases
from tests.benchmarks.kernel.table import KEPT, write_table

ROOT: Final = Path(__file__).parents[3]
OUTPUT: Final = ROOT / "bench-results"
WIDTHS: Final = (44, 18, 36, 8, 18, 4)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a benchmark is given. Databases are empty, durable, and gone when it ends."""

    databases: Databases
    kinds: tuple[Kind, ...]
    is_quick: bool

    def of(self, *, quick: T, full: T) -> T:
        return quick if self.is_quick else full


Measure = Callable[[Run], Iterable[Line]]


def run(name: str, question: str, measure: Measure) -> None:
    """Measures, prints each line as it comes, and writes all of them as JSON."""
    options = parsed(name, question)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise_open_files()
    begun = time.perf_counter()
    lines: list[Line] = []
    print(f"{question}\n{machine()}, Python {python()}, commit {commit()}\n")
    show(COLUMNS)
    with fresh_databases() as databases:
        chosen = tuple(Kind(kind) for kind in options.database or Kind)
        for line in measure(Run(databases=databases, kinds=chosen, is_quick=options.quick)):
            show(cells(line))
            lines.append(line)
    result = Result(
        name=name,
        question=question,
        machine=machine(),
        python=python(),
        commit=commit(),
        day=datetime.now(UTC).date().isoformat(),
        is_quick=options.quick,
        seconds=round(time.perf_counter() - begun, 1),
        lines=tuple(lines),
    )
    print(f"\n{result.seconds:.0f} s, written to {keep(result, is_official=options.keep)}")


def parsed(name: str, question: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(f"dev.py bench {name}", description=question)
    parser.add_argument("--quick", action="store_true", help="less of everything: a minute at most")
    parser.add_argument(
        "--database", action="append", choices=list(Kind), help="only on this kind of database"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the figures, and show them in the README"
    )
    return parser.parse_args()


def show(texts: Iterable[str]) -> None:
    padded = (text.ljust(width) for text, width in zip(texts, WIDTHS, strict=True))
    print("  ".join(padded).rstrip(), flush=True)


def keep(result: Result, *, is_official: bool) -> Path:
    """Raw results go where git does not look; official ones are kept beside the benchmarks."""
    folder = KEPT if is_official else OUTPUT
    folder.mkdir(exist_ok=True)
    path = folder / f"{result.name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    if is_official:
        write_table()
    return path.relative_to(ROOT)


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def python() -> str:
    return platform.python_version()


def commit() -> str:
    """The commit that is measured, marked where files differ from it."""
    try:
        short = git("rev-parse", "--short", "HEAD")
        return short + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.check_output(command, cwd=ROOT, text=True, stderr=subprocess.DEVNULL).strip()


def raise_open_files() -> None:
    """Thousands of sockets need as many files, here and in every process that we start."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def module(name: str) -> list[str]:
    """The command that runs a module of the benchmarks in a process of its own."""
    return [sys.executable, "-m", f"tests.benchmarks.{name}"]


def orderlog(*arguments: str) -> list[str]:
    """The command that runs `orderlog` as people type it."""
    return [sys.executable, "-m", "orderlog_server.cli", *arguments]
