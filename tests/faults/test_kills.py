"""`kill -9` of a server under load: what was acknowledged is kept, and nothing happens twice."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.load import Refused
from tests.support.nursery import Death
from tests.support.points import POINTS
from tests.support.trial import Ordeal, Trial, under_load


async def test_a_server_is_killed_at_any_moment(database_url: str, tmp_path: Path) -> None:
    load = await under_load(database_url, tmp_path, killed_after(seconds_of_life(9)))
    assert load.told.acknowledged


@pytest.mark.parametrize(("database", "passages"), [("sqlite", (1, 7)), ("postgres", (4,))])
async def test_a_server_is_killed_at_each_named_point(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, passages: Sequence[int]
) -> None:
    database_url = request.getfixturevalue(f"{database}_url")
    await under_load(database_url, tmp_path, killed_at_all_points(passages))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_server_is_killed_250_times(database_url: str, tmp_path: Path) -> None:
    await under_load(database_url, tmp_path, killed_after(seconds_of_life(250)))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_server_is_killed_at_each_point_twenty_times(
    database_url: str, tmp_path: Path
) -> None:
    await under_load(database_url, tmp_path, killed_at_all_points(range(1, 21)))


async def test_a_server_that_forgets_its_answers_is_found_out(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Without the answer in the transaction of its effect, asking again acts again."""

    async def ordeal(trial: Trial) -> int:
        for _ in range(3):
            pid = trial.start(
                dies=Death(point="before an answer", passage=20), sabotage="forgets answers"
            )
            assert await trial.killed_itself(pid)
        return trial.start(sabotage="forgets answers")

    found_out = r"I1 .* is not known|exists already"
    with pytest.raises((AssertionError, Refused), match=found_out):
        await under_load(sqlite_url, tmp_path, ordeal)


def killed_after(seconds: Sequence[float]) -> Ordeal:
    async def ordeal(trial: Trial) -> int:
        for life in seconds:
            pid = trial.start()
            await asyncio.sleep(life)
            trial.kill(pid)
        return trial.start()

    return ordeal


def killed_at_all_points(passages: Sequence[int]) -> Ordeal:
    async def ordeal(trial: Trial) -> int:
        for point in POINTS:
            for passage in passages:
                pid = trial.start(dies=Death(point=point, passage=passage))
                assert await trial.killed_itself(pid), f"{point} was not passed {passage} times"
        return trial.start()

    return ordeal


def seconds_of_life(count: int) -> list[float]:
    """Of each server: some die while they start."""
    rng = random.Random(count)
    return [rng.uniform(0.05, 0.6) for _ in range(count)]
