"""The house stands as planned: source roots, launcher, nothing that names a machine or a host."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK_FILES = [
    ROOT / "requirements.lock",
    ROOT / "frontend/package-lock.json",
    ROOT / "tests/clients/package-lock.json",
    ROOT / "tests/clients/ariadne/requirements.lock",
    ROOT / "tests/benchmarks/peers/package-lock.json",
]
REGISTRIES = re.compile(r"(?:pypi|pythonhosted|npmjs|yarnpkg|unpkg|jsdelivr)\.(?:org|com|net)")
ABSOLUTE_PATHS = re.compile(r"(?<![\w.])/(?:tmp|work)/")


def run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, text=True, capture_output=True).stdout


def repository_texts() -> Iterator[tuple[str, str]]:
    """Each file that is or will be in the repository, by name, with its text."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is not a clone, so nothing says what is in the repository")
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            yield name, (ROOT / name).read_text(errors="replace")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in repository_texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("root", ["platform", "schema", "projections"])
def test_no_module_stands_directly_in_a_source_root(root: str) -> None:
    assert list((ROOT / root).glob("*.py")) == []


def test_the_standard_platform_module_is_seen_from_the_repository_root() -> None:
    program = "import platform; print(platform.python_version())"
    assert run(sys.executable, "-c", program).strip() == ".".join(map(str, sys.version_info[:3]))
    assert run(sys.executable, "-m", "pytest", "--version").startswith("pytest")


@pytest.mark.parametrize("lock", LOCK_FILES, ids=lambda path: path.parent.name)
def test_a_lock_file_names_no_host(lock: Path) -> None:
    hosts = [line.strip() for line in lock.read_text().splitlines() if "://" in line]
    assert hosts == [], "python3 dev.py format takes them out"


def test_no_file_names_a_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert lines_with(ABSOLUTE_PATHS) == []


def test_the_readme_names_commands_that_exist() -> None:
    named = set(re.findall(r"python3 dev\.py (\w+)", (ROOT / "README.md").read_text()))
    listed = set(re.findall(r"^  (\w+) ", run(sys.executable, "dev.py", "help"), re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= listed
