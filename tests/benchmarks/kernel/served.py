"""Programs that run beside the benchmark: the server itself, and others that print where they are.

Each is a process of its own and is stopped at the end, whatever happens.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.kernel.program import ROOT, module, orderlog

STOP_SECONDS_MAX: Final = 20


@dataclass(frozen=True)
class Served:
    """A server that listens. `pid` is its process, for those who look at its memory."""

    url: str
    pid: int


@contextmanager
def started(command: Sequence[str], **variables: str) -> Generator[Served]:
    """A server that prints `{"url": …}` when it listens. Raises `RuntimeError` if it never does.

    What it says of itself is shown only when something goes wrong.
    """
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        try:
            yield Served(announced_url(process), process.pid)
        except Exception:
            said.seek(0)
            sys.stderr.write(said.read())
            raise
        finally:
            stop(process)


def announced_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    announced = process.stdout.readline()
    if not announced:
        message = f"{process.args!r} ended with {process.wait()}"
        raise RuntimeError(message)
    url: str = json.loads(announced)["url"]
    return url


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def served(database_url: str, **variables: str) -> Generator[Served]:
    """`orderlog serve` on a database, on any free port."""
    command = orderlog("serve", "--json", "--port", "0", "--database-url", database_url)
    quiet = {"ORDERLOG_AUTH": "none", "ORDERLOG_LOG_LEVEL": "warning"}
    with started(command, **(quiet | variables)) as server:
        yield server


def asked(name: str, **arguments: object) -> Mapping[str, Any]:
    """What a module of ours prints as JSON, run in a process of its own with these arguments."""
    command = [*module(name), json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE)
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def resident_bytes(pid: int) -> int:
    """The memory that a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    message = f"process {pid} is gone"
    raise RuntimeError(message)
