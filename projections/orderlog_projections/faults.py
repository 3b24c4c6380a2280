"""Whose fault it is that something cannot be written, and how it is told without anyone's data."""

from typing import Final

from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
)

from orderlog.eventstore.errors import StoreError

_OF_THE_DATABASE: Final = (OperationalError, InterfaceError, InternalError, NotSupportedError)
_OF_VALUES: Final = frozenset({"22", "23", "54"})
"""PostgreSQL's classes of errors: data, integrity, and too large a value for an index."""


def is_of_values(error: Exception) -> bool:
    """Whether what was to be written is to blame; if not, the database is, and others fail too."""
    if not isinstance(error, DBAPIError):
        return not isinstance(error, StoreError | MemoryError)
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    if sqlstate is None:
        return not isinstance(error, _OF_THE_DATABASE)
    return sqlstate[:2] in _OF_VALUES


def described(error: BaseException) -> str:
    """What went wrong and where in the code. Messages may quote values, and are left out."""
    if isinstance(error, StoreError):
        return str(error)
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _of_driver(error.orig)
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return type(error).__name__
    code = frame.tb_frame.f_code
    module = frame.tb_frame.f_globals.get("__name__", "?")
    return f"{type(error).__name__} in {module}.{code.co_qualname}, line {frame.tb_lineno}"


def _of_driver(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"
