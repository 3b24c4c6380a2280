"""What a client sends and wants back, as its headers say it (RFC 9110, 12.5.1).

Clients say the same thing each time, so that a header is understood once and remembered.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, wraps
from typing import Final, NamedTuple, TypeVar

JSON_TYPE: Final = "application/json"
RESPONSE_TYPE: Final = "application/graphql-response+json"
EVENT_STREAM_TYPE: Final = "text/event-stream"
MULTIPART_TYPE: Final = "multipart/mixed"
SUBSCRIPTION_SPEC: Final = "subscriptionspec"
"""The parameter by which a multipart answer of subscriptions differs from any other."""

HEADERS_REMEMBERED: Final = 256
HEADER_BYTES_REMEMBERED_MAX: Final = 512

T = TypeVar("T")


class Wanted(NamedTuple):
    """How a client wants to be answered."""

    single: str = JSON_TYPE
    """The media type of one answer: one of the two that GraphQL has."""
    stream: str | None = None
    """The media type of many, if any."""
    prefers_stream: bool = False
    """Whether even one answer is to come as a stream."""


class MediaRange(NamedTuple):
    kind: str
    parameters: Mapping[str, str]
    weight: float
    """How much it is wanted: 0 (not at all) to 1."""
    rank: int
    """Where it stands in its header."""


def remembered(understand: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Long headers are nobody's habit, and would fill the memory."""
    known = lru_cache(HEADERS_REMEMBERED)(understand)

    @wraps(understand)
    def understood(header: bytes) -> T:
        return (known if len(header) <= HEADER_BYTES_REMEMBERED_MAX else understand)(header)

    return understood


@remembered
def wanted_of(accept: bytes) -> Wanted:
    """What an `Accept` header asks for; the older JSON type for who accepts nothing that is."""
    ranges = list(media_ranges(accept))
    newer = best(ranges, RESPONSE_TYPE)
    older = best(ranges, JSON_TYPE) or best(ranges, "application/*") or best(ranges, "*/*")
    events = best(ranges, EVENT_STREAM_TYPE)
    single = most_wanted(newer, older)
    preferred = most_wanted(single, events)
    stream = most_wanted(events, best(filter(is_of_subscriptions, ranges), MULTIPART_TYPE))
    return Wanted(
        RESPONSE_TYPE if single is not None and single is newer else JSON_TYPE,
        stream and stream.kind,
        # multipart is for subscriptions alone, by its definition
        prefers_stream=stream is not None and (preferred is None or preferred is events),
    )


@remembered
def is_json(content_type: bytes) -> bool:
    """Whether a body is JSON in UTF-8: a form, which any page may send, is not."""
    for one in media_ranges(content_type):
        charset = one.parameters.get("charset", "utf-8").lower()
        return one.kind == JSON_TYPE and charset in {"utf-8", "utf8"}
    return False


def best(ranges: Iterable[MediaRange], kind: str) -> MediaRange | None:
    return most_wanted(*(one for one in ranges if one.kind == kind))


def most_wanted(*ranges: MediaRange | None) -> MediaRange | None:
    """Of those that are wanted as much, the first; None where none is wanted at all."""
    wanted = (one for one in ranges if one is not None and one.weight > 0)
    return max(wanted, key=lambda one: (one.weight, -one.rank), default=None)


def is_of_subscriptions(one: MediaRange) -> bool:
    return one.parameters.get(SUBSCRIPTION_SPEC, "").startswith("1.0")


def media_ranges(header: bytes) -> Iterator[MediaRange]:
    for rank, part in enumerate(header.decode("latin-1").split(",")):
        kind, *rest = (piece.strip() for piece in part.split(";"))
        if kind:
            pairs = (piece.partition("=") for piece in rest)
            parameters = {name.strip().lower(): value.strip(" \"'") for name, _, value in pairs}
            yield MediaRange(kind.lower(), parameters, weight_of(parameters.get("q", "1")), rank)


def weight_of(text: str) -> float:
    """What is no weight is none at all."""
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
