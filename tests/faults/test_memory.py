"""A server that works for a long time needs no more memory than one that has warmed up."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

import pytest

from tests.support.machine import lacking
from tests.support.trial import Trial, under_load

SAMPLE_SECONDS: Final = 2.0
SECONDS_OF_LOAD: Final = 600
GROWTH_MAX: Final = 0.05


@pytest.mark.slow
@pytest.mark.timeout(SECONDS_OF_LOAD + 600)
async def test_memory_is_flat_under_load(database_url: str, tmp_path: Path) -> None:
    samples: list[int] = []

    async def ordeal(trial: Trial) -> Sequence[int]:
        pid = trial.start()
        await trial.answers(50)
        for _ in range(int(SECONDS_OF_LOAD / SAMPLE_SECONDS)):
            samples.append(kibibytes_of(pid))
            await asyncio.sleep(SAMPLE_SECONDS)
        return [pid]

    await under_load(database_url, tmp_path, ordeal)
    assert growth(samples) < GROWTH_MAX, samples[:: len(samples) // 20 or 1]


def kibibytes_of(pid: int) -> int:
    """The memory that a process has to itself."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        lacking("this system does not tell how much memory a process has")
    found = re.search(r"RssAnon:\s+(\d+) kB", status.read_text())
    assert found
    return int(found[1])


def growth(samples: Sequence[int]) -> float:
    """From the middle third to the last one; the first is the warming up."""
    third = len(samples) // 3
    return median(samples[-third:]) / median(samples[third : 2 * third]) - 1


def test_growth_is_seen_and_warming_up_is_not() -> None:
    assert growth([*range(100), *[100] * 200]) == 0
    assert growth([100 + n for n in range(300)]) > GROWTH_MAX
