"""Servers that are born quickly: a process that has imported everything, and forks.

`nursery()` starts it. As a program it reads one request per line and answers each with one.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.program import environment

ROOT: Final = Path(__file__).parents[2]
IMPORTED_ONCE: Final = (
    "orderlog_server.app",
    "orderlog_server.serving",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "tests.support.points",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
)
"""What takes a server most of its time to start."""


@dataclass(frozen=True, kw_only=True)
class Death:
    """At which passage of which of `points.POINTS` a server kills itself."""

    point: str
    passage: int


@dataclass
class Nursery:
    """Starts `orderlog` with a gateway that outlives it; what it says is in `folder/said.txt`."""

    program: "subprocess.Popen[str]"
    folder: Path

    @property
    def gateway(self) -> Path:
        return self.folder / "gateway.jsonl"

    def start(self, *arguments: str, dies: Death | None = None, sabotage: str | None = None) -> int:
        """The process id; it is not up yet. `sabotage` is one of `points.SABOTAGE`."""
        kill_at = [dies.point, dies.passage] if dies else None
        harm = {"kill_at": kill_at, "sabotage": sabotage}
        pid: int = self._ask(start=arguments, folder=str(self.folder), harm=harm)
        return pid

    def end(self, pid: int, by: signal.Signals = signal.SIGKILL) -> int:
        """Its exit code, negative for the signal it died of."""
        with suppress(ProcessLookupError):
            os.kill(pid, by)
        return self.outlive(pid)

    def outlive(self, pid: int) -> int:
        """Returns when it has ended."""
        code: int = self._ask(wait=pid)
        return code

    def is_alive(self, pid: int) -> bool:
        alive: bool = self._ask(look=pid)
        return alive

    def said(self) -> str:
        return (self.folder / "said.txt").read_text()

    def _ask(self, **request: object) -> Any:  # noqa: ANN401 - what JSON holds
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        print(json.dumps(request), file=self.program.stdin, flush=True)
        return json.loads(self.program.stdout.readline())


@contextmanager
def nursery(folder: Path) -> Generator[Nursery]:
    """All servers that still live end with it."""
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.support.nursery"],
        cwd=ROOT,
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Nursery(program, folder)
    finally:
        program.communicate(timeout=60)


# --- as a program ---


def main() -> None:
    for module in IMPORTED_ONCE:
        importlib.import_module(module)
    living: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        answer: object
        if "start" in request:
            answer = _born(**request)
            living.add(answer)
        elif "wait" in request:
            answer = os.waitstatus_to_exitcode(os.waitpid(request["wait"], 0)[1])
            living.discard(request["wait"])
        else:
            answer = os.waitid(os.P_PID, request["look"], _LOOK) is None
        print(json.dumps(answer), flush=True)  # noqa: T201 - its whole answer
    for pid in living:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


_LOOK: Final = os.WEXITED | os.WNOHANG | os.WNOWAIT


def _born(start: Sequence[str], folder: str, harm: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _live(start, Path(folder), **harm)
        except BaseException:  # noqa: BLE001 - whoever asks why it ended reads what it said
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)
    return pid


def _live(
    arguments: Sequence[str], folder: Path, kill_at: tuple[str, int] | None, sabotage: str | None
) -> None:
    """In the child: `orderlog` with these arguments, until it ends."""
    from orderlog_server import wiring  # noqa: PLC0415 - imported long since
    from orderlog_server.cli.program import run  # noqa: PLC0415 - as above
    from tests.support import points  # noqa: PLC0415 - as above
    from tests.support.gateway import RememberingSandbox  # noqa: PLC0415 - as above

    os.chdir(folder)
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(silence, 1)
    os.dup2(os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    setattr(wiring, "SandboxGateway", RememberingSandbox)  # noqa: B010 - a name of another module
    if kill_at:
        points.kill_at(*kill_at)
    if sabotage:
        points.SABOTAGE[sabotage]()
    code = run(arguments)
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
