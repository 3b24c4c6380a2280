"""`orderlog` as people start it: a process of its own, in an empty folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SECONDS_MAX = 60


@dataclass(frozen=True)
class Program:
    """Runs `orderlog` in a folder with nothing set but what is given here."""

    folder: Path

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=environment(variables),
            text=True,
            capture_output=True,
            timeout=SECONDS_MAX,
            check=False,
        )

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
    """As it is here but without settings of ours, for a terminal of 100 columns."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ORDERLOG_")}
    return ours | {"COLUMNS": "100", "NO_COLOR": "1"} | variables


@pytest.fixture
def orderlog(tmp_path: Path) -> Program:
    """The program in an empty folder."""
    return Program(tmp_path)
