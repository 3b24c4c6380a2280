"""How a client wants its answer, and whether it sends what can be read."""

import pytest

from orderlog_server.http.negotiation import (
    EVENT_STREAM_TYPE,
    HEADER_BYTES_REMEMBERED_MAX,
    JSON_TYPE,
    MULTIPART_TYPE,
    RESPONSE_TYPE,
    Wanted,
    is_json,
    wanted_of,
)

JSON, NEWER, EVENTS, PARTS = JSON_TYPE, RESPONSE_TYPE, EVENT_STREAM_TYPE, MULTIPART_TYPE
SPEC = f"{PARTS};subscriptionSpec=1.0"

ACCEPTED = {
    "": Wanted(JSON),
    "*/*": Wanted(JSON),
    "application/*": Wanted(JSON),
    "text/html": Wanted(JSON),
    "nonsense": Wanted(JSON),
    JSON: Wanted(JSON),
    NEWER: Wanted(NEWER),
    NEWER.upper(): Wanted(NEWER),
    f"{NEWER}; charset=utf-8": Wanted(NEWER),
    f"{NEWER}, {JSON};q=0.9": Wanted(NEWER),
    f"{JSON};q=0.9, {NEWER}": Wanted(NEWER),
    f"{JSON}, {NEWER}": Wanted(JSON),
    f"{NEWER}, {JSON}": Wanted(NEWER),
    f"{NEWER};q=0.2, {JSON};q=0.9": Wanted(JSON),
    f"{NEWER};q=0, {JSON};q=0.1": Wanted(JSON),
    f"{NEWER};q=2, {JSON}": Wanted(JSON),
    f"{NEWER};q=nan, {JSON}": Wanted(JSON),
    f"{NEWER};q=often, */*": Wanted(JSON),
    # graphql-sse, and a browser's EventSource
    EVENTS: Wanted(JSON, EVENTS, prefers_stream=True),
    f"{EVENTS}, {JSON}": Wanted(JSON, EVENTS, prefers_stream=True),
    f"{JSON}, {EVENTS}": Wanted(JSON, EVENTS),
    f"{EVENTS};q=0, {JSON}": Wanted(JSON),
    # urql
    f"{NEWER}, {JSON}, {EVENTS}, {PARTS}": Wanted(NEWER, EVENTS),
    # Apollo: the same for what is answered once and for subscriptions
    f"{SPEC},{JSON}": Wanted(JSON, PARTS),
    f'{PARTS};boundary="graphql";subscriptionSpec="1.0", {NEWER}, {JSON}': Wanted(NEWER, PARTS),
    f"{PARTS};deferSpec=20220824,{NEWER},{JSON};q=0.9": Wanted(NEWER),
    f"{PARTS};subscriptionSpec=2.0, {JSON}": Wanted(JSON),
    SPEC: Wanted(JSON, PARTS, prefers_stream=True),
    f"{EVENTS};q=0.5, {SPEC}": Wanted(JSON, PARTS, prefers_stream=True),
}


@pytest.mark.parametrize("accept", ACCEPTED)
def test_the_answer_comes_as_it_is_wanted_most(accept: str) -> None:
    assert wanted_of(accept.encode()) == ACCEPTED[accept]


def test_a_long_header_is_understood_as_well() -> None:
    padding = ", ".join(["text/html"] * HEADER_BYTES_REMEMBERED_MAX)
    assert wanted_of(f"{padding}, {NEWER}".encode()) == Wanted(NEWER)


@pytest.mark.parametrize(
    ("sent", "is_read"),
    [
        ("application/json", True),
        ("Application/JSON; Charset=UTF-8", True),
        ('application/json;charset="utf-8"', True),
        ("application/json; charset=latin-1", False),
        ("application/graphql-response+json", False),
        ("application/json-patch+json", False),
        ("text/plain; application/json", False),
        ("text/plain, application/json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("", False),
    ],
)
def test_a_body_is_json_in_utf8_and_never_a_form(sent: str, *, is_read: bool) -> None:
    assert is_json(sent.encode()) is is_read
