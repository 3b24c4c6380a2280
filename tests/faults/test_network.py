"""The network between server and database misbehaves: each ambiguous commit has one outcome."""

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.support.proxy import FaultyProxy, faulty_proxy
from tests.support.trial import Ordeal, Trial, under_load

pytestmark = pytest.mark.timeout(300)

Fault = Callable[[FaultyProxy], None]
FAULTS: Final[dict[str, Fault]] = {
    "slow": lambda proxy: proxy.slow(0.02),
    "reset": lambda proxy: proxy.reset(),
    "parted": lambda proxy: proxy.part(),
    "half open": lambda proxy: proxy.go_silent(),
    "answers lost": lambda proxy: proxy.lose_answers(3),
}


async def test_twenty_faults_under_load(postgres_url: str, tmp_path: Path) -> None:
    await trouble(postgres_url, tmp_path, rounds=4)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_a_thousand_faults_under_load(postgres_url: str, tmp_path: Path) -> None:
    await trouble(postgres_url, tmp_path, rounds=200)


async def trouble(postgres_url: str, folder: Path, *, rounds: int) -> None:
    with faulty_proxy(postgres_url) as proxy:
        ordeal = all_faults(proxy, rounds)
        await under_load(proxy.url, folder, ordeal, truth_url=postgres_url)
        assert proxy.faults >= rounds * 3


def all_faults(proxy: FaultyProxy, rounds: int) -> Ordeal:
    """Each in turn, for a moment, with time for customers to be answered in between."""
    rng = random.Random(rounds)

    async def ordeal(trial: Trial) -> Sequence[int]:
        pid = trial.start()
        for _ in range(rounds):
            for fault in FAULTS.values():
                await trial.answers(rng.randint(1, 20))
                fault(proxy)
                await asyncio.sleep(rng.uniform(0.05, 0.5))
                proxy.heal()
        await trial.answers(5)
        assert trial.nursery.is_alive(pid), trial.nursery.said()
        return [pid]

    return ordeal
