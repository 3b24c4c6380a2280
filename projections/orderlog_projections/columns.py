"""How a value is kept: the same in both databases, so that both compare and sort alike.

Times are whole microseconds since 1970 (UTC); texts compare by code point; parts are JSON.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, Union, get_args, get_origin

import msgspec
import sqlalchemy as sa

INTEGER_MAX: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class ColumnKind(NamedTuple):
    """A column's type, and what turns a value into what is kept and back, where it must."""

    type: sa.types.TypeEngine[Any]
    bind: Callable[[Any], Any] | None = None
    load: Callable[[Any], Any] | None = None


def kind_of(annotation: Any) -> ColumnKind:  # noqa: ANN401 - a type, or a form of types
    """How values of a type are kept."""
    if annotation is str:
        return ColumnKind(_TEXT)
    if annotation is int:
        return ColumnKind(sa.BigInteger())
    if annotation is datetime:
        return ColumnKind(sa.BigInteger(), micros, moment_of)
    if annotation is date:
        return ColumnKind(_TEXT, date.isoformat, date.fromisoformat)
    if _is_enum(annotation):
        return ColumnKind(_TEXT, str, annotation.__members__.__getitem__)
    return ColumnKind(_TEXT, to_json, msgspec.json.Decoder(annotation).decode)


def _is_enum(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, StrEnum)


def without_none(annotation: Any) -> tuple[Any, bool]:  # noqa: ANN401 - as above
    """`(X, True)` for `X | None`, `(X, False)` for `X`."""
    parts = get_args(annotation)
    if get_origin(annotation) in {Union, UnionType} and NoneType in parts:
        (rest,) = [part for part in parts if part is not NoneType]
        return rest, True
    return annotation, False


def micros(moment: datetime) -> int:
    """A time as it is kept."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(kept: int) -> datetime:
    """A kept time as a time."""
    return _EPOCH + timedelta(microseconds=kept)


def to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def saturated(amount: int) -> int:
    """The nearest amount that a column can hold: huge orders must not stop a read model."""
    return max(-INTEGER_MAX, min(amount, INTEGER_MAX))


def storable(text: str) -> str:
    """The text with what a database refuses (NUL, lone surrogates) replaced."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()
