"""Whatever goes wrong is told with a code, and nothing is told that is nobody's business."""

import json
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast

import pytest
import strawberry
from graphql import GraphQLError, GraphQLSyntaxError, Source
from structlog.testing import capture_logs

from orderlog.consumers.following import SubscriberTooSlow
from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog.eventstore.errors import StoreUnavailable, UnreadableEvent, VersionConflict
from orderlog_projections.consistency import ReaderTooSlow
from orderlog_schema.faults import deadline_exceeded, give_codes
from orderlog_schema.limits import OPERATION_SECONDS_MAX

README: Final = Path(__file__).parents[2] / "schema/README.md"
SECRET: Final = "db.internal refused the password hunter2"  # noqa: S105 - of nobody

TOLD: dict[str, tuple[Exception, dict[str, Any]]] = {
    "a rejection": (
        Rejected(ErrorCode.PAGE_TOO_LARGE, "At most 100.", max=100),
        {"code": "PAGE_TOO_LARGE", "max": 100},
    ),
    "an id that cannot be": (
        Rejected(ErrorCode.INVALID_ID, "No id."),
        {"code": "BAD_USER_INPUT"},
    ),
    "a reader of events that is too slow": (
        SubscriberTooSlow(7),
        {"code": "SUBSCRIBER_TOO_SLOW", "lastPosition": "7"},
    ),
    "a reader of rows that is too slow": (
        ReaderTooSlow(2**60),
        {"code": "SUBSCRIBER_TOO_SLOW", "lastPosition": str(2**60)},
    ),
    "no database": (StoreUnavailable(SECRET), {"code": "DATABASE_UNAVAILABLE"}),
}
MASKED: list[Exception] = [
    RuntimeError(SECRET),
    KeyError(SECRET),
    TimeoutError(SECRET),
    AssertionError(),
    UnreadableEvent(SECRET),
    VersionConflict(SECRET),
    ExceptionGroup(SECRET, [ValueError(SECRET)]),
]


@strawberry.enum
class Size(Enum):
    SMALL = "SMALL"


@strawberry.type
class Parcel:
    """Whose fields answer what their types do not allow, as a broken row would."""

    @strawberry.field
    def weight(self) -> int | None:
        return 2**40

    @strawberry.field
    async def size(self) -> Size | None:
        return cast("Size", SECRET)

    @strawberry.field
    def labels(self) -> list[str] | None:
        return cast("list[str]", 5)

    @strawberry.field
    def count(self) -> int:
        return cast("int", None)

    @strawberry.field
    def older(self, days: int = 1) -> int | None:
        return days


@strawberry.type
class Query:
    @strawberry.field
    def parcel(self) -> Parcel:
        return Parcel()


def told(error: GraphQLError) -> tuple[str, dict[str, Any]]:
    give_codes([error])
    return error.message, error.extensions or {}


@pytest.mark.parametrize("what", TOLD)
def test_what_is_expected_has_its_code_and_is_no_fault(what: str) -> None:
    raised, extensions = TOLD[what]
    with capture_logs() as entries:
        message, found = told(GraphQLError(str(raised), path=["a"], original_error=raised))
    assert found == extensions
    assert SECRET not in message
    assert message
    assert entries == []


@pytest.mark.parametrize("raised", MASKED, ids=lambda raised: type(raised).__name__)
def test_what_is_not_expected_is_told_by_an_id_alone(raised: Exception) -> None:
    located = GraphQLError(str(raised), path=["a", 0], original_error=raised)
    for error in (located, GraphQLError(str(raised), original_error=located)):
        with capture_logs() as entries:
            message, found = told(error)
        (entry,) = entries
        assert found == {"code": "INTERNAL", "errorId": entry["error_id"]}
        assert entry["error_id"] in message
        assert entry["exc_info"] is raised, "the log has the whole of it"
        assert SECRET not in json.dumps([message, found])


@pytest.mark.parametrize("field", ["weight", "size", "labels", "count"])
async def test_an_answer_that_cannot_be_shown_is_our_fault(field: str) -> None:
    result = await executed(f"{{ parcel {{ {field} }} }}")
    with capture_logs() as entries:
        _, found = told(result)
    assert found == {"code": "INTERNAL", "errorId": entries[0]["error_id"]}


async def test_an_argument_that_cannot_be_is_not() -> None:
    query = "query Older($days: Int = 1) { parcel { older(days: $days) } }"
    message, found = told(await executed(query, days=None))
    assert found == {"code": "BAD_USER_INPUT"}
    assert "$days" in message


async def executed(query: str, **variables: object) -> GraphQLError:
    """What the library says is wrong."""
    result = await strawberry.Schema(Query).execute(query, variables)
    assert result.errors
    return result.errors[0]


def test_what_the_request_is_to_blame_for_has_the_code_of_its_stage() -> None:
    syntax = GraphQLSyntaxError(Source("{"), 0, "no")
    assert told(syntax)[1] == {"code": "GRAPHQL_PARSE_FAILED"}
    assert told(GraphQLError("no such field"))[1] == {"code": "BAD_USER_INPUT"}
    validation = GraphQLError("no such field")
    give_codes([validation], "GRAPHQL_VALIDATION_FAILED")
    assert validation.extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}
    coded = GraphQLError("for others", extensions={"code": "FORBIDDEN", "field": "Order.notes"})
    assert told(coded)[1] == {"code": "FORBIDDEN", "field": "Order.notes"}


def test_who_waited_in_vain_is_told_what_may_have_happened() -> None:
    query = told(deadline_exceeded(OPERATION_SECONDS_MAX, is_mutation=False))
    mutation = told(deadline_exceeded(OPERATION_SECONDS_MAX, is_mutation=True))
    assert query == ("It took longer than 10 seconds.", {"code": "DEADLINE_EXCEEDED"})
    assert mutation[0].startswith(f"{query[0]} It may have been done all the same")


def test_every_code_is_explained_to_users() -> None:
    explained = README.read_text().partition("## What is refused")[2].partition("\n## ")[0]
    codes = {extensions["code"] for _, extensions in TOLD.values()} | {
        "DEADLINE_EXCEEDED",
        "FORBIDDEN",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "INTERNAL",
        "METHOD_NOT_ALLOWED",
        "REQUEST_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
    }
    assert [code for code in sorted(codes) if f"`{code}`" not in explained] == []
