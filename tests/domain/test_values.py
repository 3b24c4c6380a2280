"""Small values and the envelope: what is let in, and what an id is made of."""

from collections.abc import Callable
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderlog.domain.rejections import RETRYABLE, ErrorCode, Rejected
from orderlog.domain.stock.commands import parse_stock_stream, stock_stream
from orderlog.domain.values import (
    named_uuid,
    require_email,
    require_sku,
    require_tax_rate,
    require_text,
    require_uuid,
    require_warehouse,
)
from tests.support.scenario import envelopes_of


@pytest.mark.parametrize(
    ("require", "value"),
    [
        (require_email, "ada@example.org"),
        (require_email, "a+b@mail.example.co.uk"),
        (require_sku, "85123A"),
        (require_sku, "gift voucher 10"),
        (require_warehouse, "main_2"),
        (require_text, "x" * 255),
    ],
)
def test_what_is_well_formed_passes_unchanged(require: Callable[[str], str], value: str) -> None:
    assert require(value) == value


@pytest.mark.parametrize(
    ("require", "value", "code"),
    [
        (require_email, "ada", ErrorCode.INVALID_EMAIL),
        (require_email, "ada@example", ErrorCode.INVALID_EMAIL),
        (require_email, "a da@example.org", ErrorCode.INVALID_EMAIL),
        (require_email, f"ada@{'x' * 255}.org", ErrorCode.INVALID_EMAIL),
        (require_sku, "", ErrorCode.INVALID_VALUE),
        (require_sku, "x" * 65, ErrorCode.INVALID_VALUE),
        (require_sku, "Tasse-ä", ErrorCode.INVALID_VALUE),
        (require_warehouse, "main-2", ErrorCode.INVALID_VALUE),
        (require_text, "x" * 256, ErrorCode.INVALID_VALUE),
        (require_uuid, "order-1", ErrorCode.INVALID_ID),
    ],
)
def test_what_is_not_is_refused(require: Callable[[str], str], value: str, code: ErrorCode) -> None:
    with pytest.raises(Rejected) as caught:
        require(value)
    assert caught.value.code is code


def test_a_uuid_has_one_spelling() -> None:
    canonical = "0199f0a4-7c3e-7b1a-9d51-0f3c5e7a9b1d"
    assert require_uuid(f"{{{canonical.upper()}}}") == canonical


@pytest.mark.parametrize("rate", [-1, 1_000_001])
def test_a_tax_rate_is_between_nothing_and_all(rate: int) -> None:
    with pytest.raises(Rejected):
        require_tax_rate(rate)


def test_a_stock_stream_can_be_read_back() -> None:
    assert parse_stock_stream(stock_stream("main_2", "MUG-RED-0")) == ("main_2", "MUG-RED-0")


def test_each_event_of_a_command_has_an_id_of_its_own() -> None:
    envelopes = envelopes_of(1)
    ids = [envelopes.next().event_id for _ in range(3)]
    assert ids == [
        "00000000-0000-0000-0000-000000010001",
        "00000000-0000-0000-0000-000000010002",
        "00000000-0000-0000-0000-000000010003",
    ]


def test_a_rejection_says_whether_to_try_again() -> None:
    assert Rejected(ErrorCode.CONTENTION, "Busy.").retryable
    assert not Rejected(ErrorCode.ORDER_EMPTY, "Empty.").retryable
    assert ErrorCode.INVALID_STATE not in RETRYABLE


@given(st.uuids(), st.text())
def test_a_named_uuid_is_a_uuid_of_version_5(namespace: UUID, name: str) -> None:
    assert named_uuid(namespace.bytes, name) == str(uuid5(namespace, name))
