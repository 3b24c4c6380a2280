"""What a benchmark finds out: figures of ours beside those of something else, and what we promise.

Machines are noisy, so contenders take turns, the medians count, and ratios count most.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

Figures: TypeAlias = Mapping[str, float]
"""What one turn of a contender measured, by name."""


def in_turns(
    rounds: int, contenders: Mapping[str, Callable[[], Figures]]
) -> dict[str, dict[str, float]]:
    """The medians of each contender's figures; every round begins with another one."""
    turns: dict[str, list[Figures]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            turns[name].append(contenders[name]())
    return {name: medians(of_one) for name, of_one in turns.items()}


def medians(turns: Sequence[Figures]) -> dict[str, float]:
    return {name: statistics.median(turn[name] for turn in turns) for name in turns[0]}


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that so many percent do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[int((len(ordered) - 1) * percent / 100)] if ordered else 0.0


class Target(msgspec.Struct, frozen=True):
    """A promise about the ratio to the baseline, or about the figure itself."""

    of: Literal["ratio", "figure"]
    limit: float
    is_ceiling: bool

    def __str__(self) -> str:
        sign = "≤" if self.is_ceiling else "≥"
        return f"{sign} {self.limit:g}×" if self.of == "ratio" else f"{sign} {self.limit:,g}"

    def is_met(self, value: float) -> bool:
        return value <= self.limit if self.is_ceiling else value >= self.limit


def ratio_at_least(limit: float) -> Target:
    return Target("ratio", limit, is_ceiling=False)


def ratio_at_most(limit: float) -> Target:
    return Target("ratio", limit, is_ceiling=True)


def at_least(limit: float) -> Target:
    return Target("figure", limit, is_ceiling=False)


def at_most(limit: float) -> Target:
    return Target("figure", limit, is_ceiling=True)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was measured. `beside` names the baseline, where there is one."""

    what: str
    unit: str
    reached: float
    beside: str | None = None
    baseline: float | None = None
    targets: tuple[Target, ...] = ()

    @property
    def ratio(self) -> float | None:
        return self.reached / self.baseline if self.baseline else None

    @property
    def is_met(self) -> bool | None:
        """None where nothing is promised."""
        if not self.targets:
            return None
        return all(self._meets(target) for target in self.targets)

    def _meets(self, target: Target) -> bool:
        value = self.ratio if target.of == "ratio" else self.reached
        return value is not None and target.is_met(value)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run of one benchmark."""

    name: str
    question: str
    machine: str
    python: str
    commit: str
    day: str
    is_quick: bool
    seconds: float
    lines: tuple[Line, ...]


COLUMNS: Final = ("what", "reached", "beside", "ratio", "target", "met")
_MET: Final = {True: "yes", False: "no", None: ""}


def cells(line: Line) -> tuple[str, ...]:
    """A line as text, one cell per column."""
    beside = ""
    if line.beside is not None and line.baseline is not None:
        beside = f"{amount(line.baseline)} ({line.beside})"
    return (
        line.what,
        f"{amount(line.reached)} {line.unit}",
        beside,
        "" if line.ratio is None else f"{amount(line.ratio)}×",
        ", ".join(map(str, line.targets)),
        _MET[line.is_met],
    )


def amount(value: float) -> str:
    """Three digits that count, or all of a whole number."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"
