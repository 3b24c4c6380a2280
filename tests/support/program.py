"""`orderlog` as people type it, in an empty folder: as a process of its own, or in ours."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from orderlog_server.cli.program import run

SECONDS_MAX = 60
AS_IN_TESTS: Final = {"COLUMNS": "100", "NO_COLOR": "1", "ORDERLOG_AUTH": "none"}
"""A terminal of 100 columns; nobody is asked who they are, but where that is the story."""


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    returncode: int


Typed = Callable[..., Answer]


@dataclass(frozen=True)
class Program:
    """Runs `orderlog` in a folder with nothing set but what is given here."""

    folder: Path

    def run(self, *arguments: str, **variables: str) -> Answer:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=environment(variables),
            text=True,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        return Answer(done.stdout, done.stderr, done.returncode)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=environment(variables),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "orderlog_server.cli", *arguments]


def environment(variables: dict[str, str]) -> dict[str, str]:
    """As it is here but without settings of ours."""
    ours = environ_of_ours()
    others = {name: value for name, value in os.environ.items() if name not in ours}
    return others | AS_IN_TESTS | variables


def environ_of_ours() -> list[str]:
    return [name for name in os.environ if name.startswith("ORDERLOG_")]


@pytest.fixture
def orderlog(tmp_path: Path) -> Program:
    """The program in an empty folder."""
    return Program(tmp_path)


@pytest.fixture
def typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """Runs a command line in this process, with nothing set but what is given."""
    monkeypatch.chdir(tmp_path)
    for name in environ_of_ours():
        monkeypatch.delenv(name)

    def answer(*arguments: str, **variables: str) -> Answer:
        for name, value in (AS_IN_TESTS | variables).items():
            monkeypatch.setenv(name, value)
        code = run(arguments)
        out, err = capsys.readouterr()
        return Answer(out, err, code)

    return answer
