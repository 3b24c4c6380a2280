"""Who asks too much in too short a time waits, and nobody else does."""

from math import ceil

import pytest

from orderlog.domain.envelope import ActorKind
from orderlog_schema.budgets import Budgets, OverBudget
from orderlog_schema.limits import BUDGET_POINTS_MAX, COST_MAX, PRINCIPALS_METERED_MAX
from orderlog_schema.principals import LOCAL, Principal

RATE = 100.0


class Clock:
    """Time that goes by when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def customer(name: str) -> Principal:
    return Principal(kind=ActorKind.CUSTOMER, id=name)


def test_a_budget_is_used_up_and_fills_up_again(clock: Clock) -> None:
    budgets, ada = Budgets(RATE, clock=clock), customer("ada")
    assert budgets.take(ada, COST_MAX) == BUDGET_POINTS_MAX - COST_MAX
    assert budgets.take(ada, BUDGET_POINTS_MAX - COST_MAX) == 0
    clock.seconds = 5.0
    assert budgets.take(ada, 200) == 300
    clock.seconds = 1e9
    assert budgets.take(ada, 0) == BUDGET_POINTS_MAX, "no more than that is saved up"


def test_who_is_over_budget_is_told_for_how_long_and_that_is_true(clock: Clock) -> None:
    budgets, ada = Budgets(RATE, clock=clock), customer("ada")
    budgets.take(ada, BUDGET_POINTS_MAX)
    with pytest.raises(OverBudget) as over:
        budgets.take(ada, 250)
    assert over.value.retry_after_seconds == ceil(250 / RATE)
    clock.seconds = over.value.retry_after_seconds
    assert budgets.take(ada, 250) == 50, "the refusal itself took nothing"


def test_each_has_a_budget_of_their_own(clock: Clock) -> None:
    budgets = Budgets(RATE, clock=clock)
    budgets.take(customer("ada"), BUDGET_POINTS_MAX)
    assert budgets.take(customer("bob"), 1) == BUDGET_POINTS_MAX - 1
    staff = Principal(kind=ActorKind.STAFF, id="ada")
    assert budgets.take(staff, 1) == BUDGET_POINTS_MAX - 1


def test_who_is_not_asked_who_they_are_is_metered_only_where_that_is_wished(clock: Clock) -> None:
    assert Budgets(RATE, clock=clock).take(LOCAL, 10**9) is None
    assert Budgets(0, RATE, clock=clock).take(LOCAL, 1) == BUDGET_POINTS_MAX - 1
    assert Budgets(0, RATE, clock=clock).take(customer("ada"), 10**9) is None


def test_only_so_many_are_remembered(clock: Clock) -> None:
    budgets = Budgets(RATE, clock=clock)
    for number in range(PRINCIPALS_METERED_MAX + 10):
        budgets.take(customer("ada"), 1)
        budgets.take(customer(str(number)), 1)
    assert len(budgets._buckets) == PRINCIPALS_METERED_MAX  # pyright: ignore[reportPrivateUsage] - to look inside
    assert budgets.take(customer("ada"), 0) == BUDGET_POINTS_MAX - PRINCIPALS_METERED_MAX - 10
