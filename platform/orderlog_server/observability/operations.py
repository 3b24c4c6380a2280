"""How a GraphQL operation went, in one word."""

from collections.abc import Callable
from typing import Any, Final

from orderlog_schema.execution.charging import RATE_LIMITED
from orderlog_schema.execution.executor import Answered
from orderlog_schema.faults import DATABASE_UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL

Observe = Callable[[str, str, float], None]
"""Hears of the kind, the outcome and the seconds of an operation."""

OK: Final = "ok"
REFUSED: Final = "refused"
INVALID: Final = "invalid"
_BY_CODE: Final = {
    INTERNAL: "fault",
    DATABASE_UNAVAILABLE: "unavailable",
    RATE_LIMITED: "limited",
    DEADLINE_EXCEEDED: "late",
}


def unobserved(operation: str, outcome: str, seconds: float) -> None:
    """For those whom nobody measures."""


def outcome_of(result: Answered) -> str:
    """`ok`, `refused` (a mutation said why), `invalid`, or what `_BY_CODE` says."""
    if result.errors:
        codes = [str((error.extensions or {}).get("code")) for error in result.errors]
        return next((_BY_CODE[code] for code in codes if code in _BY_CODE), INVALID)
    return REFUSED if any(map(_is_refused, (result.data or {}).values())) else OK


def _is_refused(payload: Any) -> bool:  # noqa: ANN401 - whatever a field answers
    match payload:
        case {"errors": [_, *_]}:
            return True
        case _:
            return False
