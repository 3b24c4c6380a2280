"""An operation is paid for before it runs: it may cost so much, and its principal has a budget."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLError

from orderlog_schema.budgets import OverBudget
from orderlog_schema.context import Context
from orderlog_schema.execution.measuring import TOO_COMPLEX
from orderlog_schema.execution.pricing import Price
from orderlog_schema.limits import COST_MAX

RATE_LIMITED: Final = "RATE_LIMITED"


def charged(price: Price, variables: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """What the answer says of it, in `extensions`.

    Raises `GraphQLError`: `QUERY_TOO_COMPLEX {cost, max}`, `RATE_LIMITED {retryAfterSeconds}`.
    """
    points = price.of(variables)
    if points > COST_MAX:
        message = f"This costs {points:,} points, and {COST_MAX:,} at most are allowed."
        extensions = {"code": TOO_COMPLEX, "cost": points, "max": COST_MAX}
        raise GraphQLError(message, extensions=extensions)
    remaining = paid(points, context)
    cost = {"requested": points, "max": COST_MAX}
    return {"cost": cost if remaining is None else {**cost, "remaining": remaining}}


def paid(points: int, context: Context) -> int | None:
    """What is left; None where nothing is metered. Raises `RATE_LIMITED {retryAfterSeconds}`."""
    try:
        return context.budgets.take(context.principal, points)
    except OverBudget as over:
        seconds = over.retry_after_seconds
        extensions = {"code": RATE_LIMITED, "cost": points, "retryAfterSeconds": seconds}
        raise GraphQLError(str(over), extensions=extensions) from None
