#!/usr/bin/env python3
"""One launcher for everything, with nothing but Python 3.11 or newer: python3 dev.py TASK.

It does its own set-up in .venv, and builds the web UI where Node is. What is done is stamped with
the digest of what it was made from, so that a second call goes straight to work.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - said to those who start it with an older one
    sys.exit("orderlog needs Python 3.11 or newer; this is Python " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
FRONTEND = ROOT / "frontend"
CLIENTS = ROOT / "tests/clients"
PEERS = ROOT / "tests/benchmarks/peers"
WEB_INDEX = ROOT / "platform/orderlog_server/web/index.html"
UV = "uv==0.13.9"
NODE_OLDEST = (20, 19)

ORDERLOG, PIP, PYTEST, RUFF = (
    (PYTHON, "-m", module) for module in ("orderlog_server.cli", "pip", "pytest", "ruff")
)
CHECKS = {  # what `test` runs before the tests themselves
    "format": (*RUFF, "format", "--check"),
    "lint": (*RUFF, "check"),
    "imports": (
        PYTHON,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c(['--no-logo'])",
    ),
    "mypy": (PYTHON, "-m", "mypy"),
    "pyright": (PYTHON, "-m", "pyright"),
}
WEB_CHECKS = ("lint", "typecheck", "test")  # scripts of frontend/package.json
GENERATED = {  # what `docs` writes: a file, and the `orderlog` command that prints it
    "schema/schema.graphql": ("schema", "export"),
    "schema/PERMISSIONS.md": ("docs", "permissions"),
    "platform/EVENTS.md": ("docs", "events"),
    "projections/READ_MODELS.md": ("docs", "read-models"),
    "README.md": ("docs", "readme"),
}

Step = Callable[[], bool]
"""Something to do that says whether it went well."""


# --- tasks ---


def setup() -> int:
    """Prepares .venv and the web UI, and stops."""
    prepare_python()
    return 0 if prepare_web() else 1


def demo(*arguments: str) -> int:
    """Starts a small shop in motion: API, playground and web UI."""
    setup()
    return become(*ORDERLOG, "demo", *arguments)


def test(*arguments: str) -> int:
    """Runs all that CI runs; with arguments, only pytest with these."""
    prepare_python()
    if arguments:
        return become(*PYTEST, *arguments)
    steps: dict[str, Step] = {name: functools.partial(succeeds, *CHECKS[name]) for name in CHECKS}
    steps["web build"] = prepare_web
    if has_node():
        steps |= {f"web {script}": functools.partial(npm, "run", script) for script in WEB_CHECKS}
        steps["clients"] = prepare_clients
    steps["pytest"] = functools.partial(succeeds, *PYTEST, "-n", "2")
    return summary([timed(name, step) for name, step in steps.items()])


def format() -> int:
    """Makes code pretty: Python and, where Node is, the web UI."""
    prepare_python()
    pretty = [succeeds(*RUFF, "check", "--fix"), succeeds(*RUFF, "format")]
    if has_node():
        pretty.append(prepare_web() and npm("run", "format"))
        for folder in (FRONTEND, CLIENTS, PEERS):
            forget_hosts(folder / "package-lock.json")
    return 0 if all(pretty) else 1


def docs() -> int:
    """Writes the generated files anew."""
    prepare_python()
    for name, arguments in GENERATED.items():
        printed = subprocess.check_output([*ORDERLOG, *arguments], cwd=ROOT)
        (ROOT / name).write_bytes(printed)
        say("wrote " + name)
    return 0


def bench(name: str = "", *arguments: str) -> int:
    """Runs a benchmark by its name, or `all`; without a name, lists them."""
    names = sorted(path.stem for path in ROOT.glob("tests/benchmarks/*.py"))
    if name not in {*names, "all", "table"}:
        unknown = f"no benchmark is called {name}; " if name else ""
        say(f"{unknown}benchmarks: {', '.join(names)}, or all of them: all")
        return 1 if name else 0
    prepare_python()
    chosen = {"all": names, "table": ["kernel.table"]}.get(name, [name])
    programs = ((PYTHON, "-m", f"tests.benchmarks.{one}") for one in chosen)
    passed = [succeeds(*program, *arguments) for program in programs]
    return 0 if all(passed) else 1


def help() -> int:
    """Says this."""
    print("python3 dev.py TASK\n")
    for name, task in TASKS.items():
        print(f"  {name:8}{task.__doc__}")
    print("\nAny other word goes to `orderlog`: python3 dev.py doctor, python3 dev.py serve --help")
    return 0


ALL: tuple[Callable[..., int], ...] = (setup, demo, test, format, docs, bench, help)
TASKS = {task.__name__: task for task in ALL}


# --- set-up ---


def prepare_python() -> None:
    """Makes .venv what requirements.lock says."""
    wanted = digest(ROOT / "requirements.lock", ROOT / "pyproject.toml")
    if not Path(PYTHON).exists():
        create_venv()
    if not once(VENV / ".orderlog-packages", wanted, install_packages):
        sys.exit("dev.py: the packages of requirements.lock could not be installed, see above")


def create_venv() -> None:
    say("making .venv, once")
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(VENV)
        sys.exit(
            "dev.py: this Python makes no virtual environment, for its `ensurepip` is missing; on"
            " Debian and Ubuntu: apt install python{}.{}-venv".format(*sys.version_info)
        )


def install_packages() -> bool:
    say("installing the packages of requirements.lock, once")
    if succeeds(*PIP, "install", "--quiet", UV) and install_with(PYTHON, "-m", "uv", "pip"):
        return True
    say("uv did not do it, so pip does; that takes longer")
    return install_with(*PIP)


def install_with(*pip: str) -> bool:
    locked = ("--require-hashes", "-r", "requirements.lock")
    ourselves = ("--no-deps", "--no-build-isolation", "-e", ".")
    return all(succeeds(*pip, "install", "--quiet", *what) for what in (locked, ourselves))


def prepare_web() -> bool:
    """Builds the web UI if its sources changed. False when that failed."""
    if not has_node():
        say("no Node 20.19 or newer is here: all works but the web UI and the playground")
        return True
    build = FRONTEND / "node_modules/.orderlog-web"
    if not WEB_INDEX.exists():
        build.unlink(missing_ok=True)
    if has_packages(FRONTEND) and once(build, digest(*web_sources()), build_web):
        return True
    say("the web UI could not be built, see above; all else works without it")
    return False


def prepare_clients() -> bool:
    """Installs the clients that tests run against the server. False when that failed."""
    return has_packages(CLIENTS)


def prepare_peers() -> bool:
    """Installs the servers that benchmarks run beside ours. False when that failed."""
    return has_packages(PEERS)


def has_packages(folder: Path) -> bool:
    """Makes `node_modules` what the lock says. False when that failed."""

    def install() -> bool:
        say(f"installing the packages of {folder.relative_to(ROOT)}/, once")
        return npm("ci", "--loglevel=error", folder=folder)

    wanted = digest(folder / "package-lock.json")
    return once(folder / "node_modules/.orderlog-ci", wanted, install)


def build_web() -> bool:
    say("building the web UI")
    return npm("run", "build")


def web_sources() -> Iterator[Path]:
    """What the build reads: the schema, and `frontend/` without what it writes itself."""
    yield from (ROOT / "schema/schema.graphql", *sorted(ROOT.glob("schema/operations/**/*")))
    for folder, inner, names in os.walk(FRONTEND):
        inner[:] = sorted({*inner} - {"node_modules", "gql"})
        yield from (Path(folder, name) for name in sorted(names))


def forget_hosts(lock: Path) -> None:
    """Takes out what npm writes into its lock for people to click on: no lock file names a host."""
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        for key in [key for key, value in package.items() if "://" in json.dumps(value)]:
            del package[key]
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


@functools.cache
def has_node() -> bool:
    """Whether there is a Node that can build the web UI."""
    node = shutil.which("node")
    if not (node and shutil.which("npm")):
        return False
    version = subprocess.check_output([node, "--version"], text=True).strip("v\n")
    return tuple(int(number) for number in version.split(".")[:2]) >= NODE_OLDEST


def once(stamp: Path, wanted: str, make: Step) -> bool:
    """Makes what the stamp does not call made yet. False when that failed."""
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    made = make()
    if made:
        stamp.write_text(wanted)
    return made


def digest(*paths: Path) -> str:
    """One digest of those that exist and of the place: a moved folder needs a new set-up."""
    whole = sha256(str(ROOT).encode())
    for path in filter(Path.is_file, paths):
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)}\n".encode() + content)
    return whole.hexdigest()


# --- running ---


def say(text: str) -> None:
    print("dev.py: " + text, flush=True)


def environment() -> dict[str, str]:
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    return os.environ | quiet | {"VIRTUAL_ENV": str(VENV)}


def succeeds(*command: str, folder: Path = ROOT) -> bool:
    return subprocess.call(command, cwd=folder, env=environment()) == 0


def npm(*arguments: str, folder: Path = FRONTEND) -> bool:
    return succeeds(shutil.which("npm") or "npm", *arguments, folder=folder)


def become(*command: str) -> int:
    """Hands this process over, so that signals and the exit code are the command's own."""
    if os.name != "nt":
        os.execve(command[0], command, environment())  # noqa: S606 - no shell is wanted
    return subprocess.call(command, env=environment())


def timed(name: str, step: Step) -> tuple[str, bool, float]:
    print(f"\n=== {name} ===", flush=True)
    begun = time.perf_counter()
    return name, step(), time.perf_counter() - begun


def summary(results: list[tuple[str, bool, float]]) -> int:
    print("\n=== summary ===")
    for name, passed, seconds in results:
        print(f"{name:14}{'passed' if passed else 'FAILED'}{seconds:8.1f} s")
    return 0 if all(passed for _, passed, _ in results) else 1


def main(word: str = "help", *arguments: str) -> int:
    task = TASKS.get(word)
    if task is None:
        prepare_python()
        return become(*ORDERLOG, word, *arguments)
    os.chdir(ROOT)
    if arguments and task not in {demo, test, bench}:
        sys.exit(f"dev.py: {word} takes no arguments")
    return task(*arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.CalledProcessError as error:
        sys.exit(f"dev.py: `{' '.join(error.cmd)}` failed with exit code {error.returncode}")
