"""Benchmarks say what they measured, against what, and whether it was promised."""

import importlib
from functools import partial

import pytest

from tests.benchmarks.kernel.comparison import (
    Figures,
    Line,
    Target,
    at_most,
    cells,
    in_turns,
    percentile,
    ratio_at_least,
    ratio_at_most,
)
from tests.benchmarks.kernel.table import FOLDER, KEPT, README, refreshed

PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.py"))


def line(reached: float, *targets: Target, baseline: float | None = 100) -> Line:
    return Line(
        what="a thing",
        unit="events/s",
        reached=reached,
        beside="another",
        baseline=baseline,
        targets=targets,
    )


@pytest.mark.parametrize(
    ("reached", "target", "is_met"),
    [
        (1_000, ratio_at_least(10), True),
        (999, ratio_at_least(10), False),
        (300, ratio_at_most(3), True),
        (301, ratio_at_most(3), False),
        (20, at_most(20), True),
        (21, at_most(20), False),
    ],
)
def test_a_promise_is_kept_or_not(reached: float, target: Target, *, is_met: bool) -> None:
    assert line(reached, target).is_met is is_met


def test_every_promise_must_be_kept() -> None:
    assert line(1_000, ratio_at_least(10), at_most(999)).is_met is False


def test_without_a_baseline_no_ratio_is_promised() -> None:
    assert line(1_000, ratio_at_least(10), baseline=None).is_met is False
    assert line(1_000).is_met is None


def test_a_line_is_shown_with_its_baseline() -> None:
    shown = cells(line(1_250, ratio_at_least(10)))
    assert shown == ("a thing", "1,250 events/s", "100 (another)", "12.5×", "≥ 10×", "yes")


def test_contenders_take_turns_and_their_medians_count() -> None:
    order: list[str] = []
    values = {"ours": iter([1.0, 50.0, 3.0]), "theirs": iter([2.0, 2.0, 9.0])}

    def contender(name: str) -> Figures:
        order.append(name)
        return {"rate": next(values[name])}

    found = in_turns(3, {name: partial(contender, name) for name in values})
    assert found == {"ours": {"rate": 3.0}, "theirs": {"rate": 2.0}}
    assert order == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]


def test_a_percentile_is_a_value_that_was_there() -> None:
    assert percentile(range(1, 101), 99) == 99
    assert percentile([7], 50) == 7
    assert percentile([], 50) == 0


def test_the_table_is_made_of_the_results_that_are_kept() -> None:
    readme = README.read_text()
    assert refreshed(readme) == readme, "python3 dev.py bench table"
    assert {path.stem for path in KEPT.glob("*.json")} <= set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_benchmark_says_how_it_is_run(name: str) -> None:
    benchmark = importlib.import_module(f"tests.benchmarks.{name}")
    assert f"python3 dev.py bench {name} [--quick]" in (benchmark.__doc__ or "")
    assert callable(benchmark.measure)
