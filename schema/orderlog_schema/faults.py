"""Top-level errors: each with a code; a fault of ours with an id that the log knows, no details."""

from collections.abc import Iterable
from traceback import walk_tb
from typing import Any, Final

import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from orderlog.application.command_bus import StoreUnavailable
from orderlog.application.metadata import new_id
from orderlog.consumers.following import SubscriberTooSlow
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.consistency import ReaderTooSlow

PARSE_FAILED: Final = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED: Final = "GRAPHQL_VALIDATION_FAILED"
BAD_USER_INPUT: Final = "BAD_USER_INPUT"
INTERNAL: Final = "INTERNAL"
DATABASE_UNAVAILABLE: Final = "DATABASE_UNAVAILABLE"
SUBSCRIBER_TOO_SLOW: Final = "SUBSCRIBER_TOO_SLOW"
DEADLINE_EXCEEDED: Final = "DEADLINE_EXCEEDED"

RESOLVING: Final = "execute_field"
SHOWING: Final = "complete_value"
"""What the two steps of a field are called in the executor of `graphql-core`."""

_log = structlog.get_logger(__name__)


def give_codes(errors: Iterable[GraphQLError], code: str = BAD_USER_INPUT) -> None:
    """Gives each error its code, in place; one that has a code keeps it.

    `code` is for those that the request itself is to blame for.
    """
    for error in errors:
        extensions = error.extensions or {}
        if "code" not in extensions:
            error.extensions = {**extensions, **_extensions_of(error, code)}


def deadline_exceeded(seconds_max: float, *, is_mutation: bool) -> GraphQLError:
    """Who gave up waiting does not know whether a command was recorded: its key tells."""
    message = f"It took longer than {seconds_max:g} seconds."
    if is_mutation:
        message += " It may have been done all the same: send it again with its idempotencyKey."
    return GraphQLError(message, extensions={"code": DEADLINE_EXCEEDED})


def _extensions_of(error: GraphQLError, code: str) -> dict[str, Any]:
    match _cause_of(error):
        case Rejected() as rejection:
            error.message = rejection.message
            return {"code": _code_of(rejection), **rejection.details}
        case SubscriberTooSlow() | ReaderTooSlow() as too_slow:
            error.message = str(too_slow)
            return {"code": SUBSCRIBER_TOO_SLOW, "lastPosition": str(too_slow.position)}
        case StoreUnavailable():
            error.message = "The database cannot be reached just now; try again soon."
            return {"code": DATABASE_UNAVAILABLE}
        case (
            None | CannotGetOperationTypeError() | InvalidOperationTypeError() | MissingQueryError()
        ):
            return {"code": PARSE_FAILED if isinstance(error, GraphQLSyntaxError) else code}
        case fault:
            return _masked(error, fault)


def _cause_of(error: GraphQLError) -> BaseException | None:
    """What was raised, if nobody who asks is to blame for it."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        if cause.original_error is None and _is_about_answer(cause):
            return cause
        cause = cause.original_error
    return cause


def _is_about_answer(error: GraphQLError) -> bool:
    """Whether what a resolver answered cannot be shown: GraphQL blames no argument for that."""
    frames = (frame.f_code.co_name for frame, _ in walk_tb(error.__traceback__))
    steps = [name for name in frames if name in {RESOLVING, SHOWING}]
    return steps[-1:] == [SHOWING]


def _code_of(rejection: Rejected) -> str:
    """An id that cannot be one is bad input to a query; other codes are as good here as there."""
    return BAD_USER_INPUT if rejection.code is ErrorCode.INVALID_ID else str(rejection.code)


def _masked(error: GraphQLError, fault: BaseException) -> dict[str, Any]:
    error_id = new_id()
    _log.error("a resolver failed", error_id=error_id, path=error.path, exc_info=fault)
    error.message = f"Something went wrong here; it is in the log as {error_id}."
    return {"code": INTERNAL, "errorId": error_id}
