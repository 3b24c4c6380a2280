"""The clients that others build on, run by Node against our server: `tests/clients/`."""

import asyncio
import fcntl
import shutil
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

import pytest

import dev
from tests.support.machine import lacking

SECONDS_MAX = 60


@dataclass(frozen=True)
class Clients:
    """Programs of `tests/clients/`, and the packages that they use."""

    node: Path
    folder: Path = dev.CLIENTS

    async def run(self, program: str, *arguments: str) -> str:
        """What a program printed; it has to end well."""
        process = await asyncio.create_subprocess_exec(
            self.node, program, *arguments, cwd=self.folder, stdout=PIPE, stderr=PIPE
        )
        try:
            printed, said = await asyncio.wait_for(process.communicate(), SECONDS_MAX)
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode == 0, printed.decode() + said.decode()
        return printed.decode()


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Installs the packages where nobody has done so yet; one test process at a time."""
    node = shutil.which("node")
    if node is None or not dev.has_node():
        lacking("no Node 20.19 or newer is installed here")
    with (dev.CLIENTS / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert dev.prepare_clients(), "npm ci in tests/clients failed: see above"
    return Clients(Path(node))
