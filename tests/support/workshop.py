"""A folder as a user of the API would have it: the schema, the operations, packages, a program."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

import dev
from tests.support.clients import Clients
from tests.support.machine import lacking

SECONDS_MAX: Final = 60
OPERATIONS: Final = dev.ROOT / "schema/operations"
RECIPES: Final = dev.ROOT / "schema/clients"


class Workshop:
    """Made of copies: whatever a generator writes is gone with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(dev.ROOT / "schema/schema.graphql", folder)
        shutil.copytree(OPERATIONS, folder / "operations")

    def take(self, *sources: Path) -> None:
        """Copies files, or all files of a folder, to the top of the workshop."""
        for source in sources:
            for path in [source] if source.is_file() else filter(Path.is_file, source.iterdir()):
                shutil.copy(path, self.folder)

    def link(self, clients: Clients) -> None:
        """Gives it the packages of `tests/clients/`."""
        (self.folder / "node_modules").symlink_to(clients.folder / "node_modules")
        (self.folder / "package.json").write_text('{"type": "module"}')

    def run(self, *command: str | Path) -> str:
        """What a program said; it has to end well."""
        done = self.attempt(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def attempt(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )

    def bin(self, name: str) -> Path:
        """A program of the packages."""
        return self.folder / "node_modules/.bin" / name


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def node_workshop(workshop: Workshop, clients: Clients) -> Workshop:
    """With the packages of `tests/clients/`."""
    workshop.link(clients)
    return workshop


@pytest.fixture(scope="session")
def go() -> Path:
    """The Go of this machine, where it can have the modules of the recipe."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go is installed here")
    if subprocess.run([go, "mod", "download"], cwd=RECIPES / "go", check=False).returncode != 0:
        pytest.skip("the modules of the recipe for Go cannot be had here")
    return Path(go)


@pytest.fixture(scope="session")
def ariadne() -> Path:
    """The folder of programs of an environment of its own: it wants an older graphql-core."""
    folder = dev.CLIENTS / "ariadne"
    lock, made = folder / "requirements.lock", folder / ".venv"
    if not dev.once(made / ".orderlog-packages", dev.digest(lock), lambda: _install(lock, made)):
        lacking("the packages of tests/clients/ariadne cannot be had here")
    return made / "bin"


def _install(lock: Path, environment: Path) -> bool:
    """By uv, where it is: that takes two seconds instead of twenty."""
    packages = ("--quiet", "--require-hashes", "-r", str(lock))
    uv = (dev.PYTHON, "-m", "uv")
    if dev.succeeds(*uv, "venv", "--quiet", "--clear", str(environment)):
        return dev.succeeds(*uv, "pip", "install", "--python", str(environment), *packages)
    made = dev.succeeds(dev.PYTHON, "-m", "venv", "--clear", str(environment))
    return made and dev.succeeds(str(environment / "bin/pip"), "install", *packages)
