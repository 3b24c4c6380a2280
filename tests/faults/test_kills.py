"""`kill -9` of a server under load: what was acknowledged is kept, and nothing happens twice."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.support.load import Refused
from tests.support.nursery import Death
from tests.support.points import POINTS
from tests.support.trial import Ordeal, Trial, under_load

pytestmark = pytest.mark.timeout(300)

OF_WORKERS: Final = ("read models", "processes", "gateway")
POINTS_OF_A_WORKER: Final = [point for point in POINTS if any(word in point for word in OF_WORKERS)]


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


async def test_a_worker_is_killed_and_another_takes_over(postgres_url: str, tmp_path: Path) -> None:
    await under_load(postgres_url, tmp_path, workers_killed_after(seconds_of_life(6)))


async def test_a_worker_is_killed_at_each_named_point_of_its_work(
    postgres_url: str, tmp_path: Path
) -> None:
    await under_load(postgres_url, tmp_path, workers_killed_at_their_points([2]))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_a_worker_is_killed_at_each_named_point_of_its_work_twenty_times(
    postgres_url: str, tmp_path: Path
) -> None:
    await under_load(postgres_url, tmp_path, workers_killed_at_their_points(range(1, 21)))


async def test_a_server_that_forgets_its_answers_is_found_out(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Without the answer in the transaction of its effect, asking again acts again."""

    async def ordeal(trial: Trial) -> Sequence[int]:
        for _ in range(3):
            pid = trial.start(
                dies=Death(point="before an answer", passage=20), sabotage="forgets answers"
            )
            assert await trial.killed_itself(pid)
        return [trial.start(sabotage="forgets answers")]

    found_out = r"I1 .* is not known|exists already"
    with pytest.raises((AssertionError, Refused), match=found_out):
        await under_load(sqlite_url, tmp_path, ordeal)


def killed_after(seconds: Sequence[float]) -> Ordeal:
    async def ordeal(trial: Trial) -> Sequence[int]:
        for life in seconds:
            pid = trial.start()
            await asyncio.sleep(life)
            trial.kill(pid)
        return [trial.start()]

    return ordeal


def killed_at_all_points(passages: Sequence[int]) -> Ordeal:
    async def ordeal(trial: Trial) -> Sequence[int]:
        for point in POINTS:
            for passage in passages:
                pid = trial.start(dies=Death(point=point, passage=passage))
                assert await trial.killed_itself(pid), f"{point} was not passed {passage} times"
        return [trial.start()]

    return ordeal


def workers_killed_after(seconds: Sequence[float]) -> Ordeal:
    """The next one stands by already when the one that works is killed."""

    async def ordeal(trial: Trial) -> Sequence[int]:
        server, worker = trial.start("--api-only"), trial.start_worker()
        for life in seconds:
            standing_by = trial.start_worker()
            await asyncio.sleep(life)
            trial.kill(worker)
            worker = standing_by
        return [server, worker]

    return ordeal


def workers_killed_at_their_points(passages: Sequence[int]) -> Ordeal:
    async def ordeal(trial: Trial) -> Sequence[int]:
        server = trial.start("--api-only")
        for point in POINTS_OF_A_WORKER:
            for passage in passages:
                worker = trial.start_worker(dies=Death(point=point, passage=passage))
                assert await trial.killed_itself(worker), f"{point} was not passed {passage} times"
        return [server, trial.start_worker()]

    return ordeal


def seconds_of_life(count: int) -> list[float]:
    """Of each server: some die while they start."""
    rng = random.Random(count)
    return [rng.uniform(0.05, 0.6) for _ in range(count)]
