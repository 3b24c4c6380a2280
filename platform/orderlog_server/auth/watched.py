"""Files that are read again when they change: keys are rotated and tokens revoked while we run."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

LOOK_EVERY_SECONDS: Final = 1.0

T = TypeVar("T")

log = structlog.get_logger()


class WatchedFile(Generic[T]):
    """What a file says; at most a second later than the file. A fault in it leaves what was known.

    Raises what `read` raises when the file is wrong from the beginning.
    """

    def __init__(self, path: Path, read: Callable[[Path], T]) -> None:
        self._path = path
        self._read = read
        self._mark = mark_of(path)
        self._content = read(path)
        self._look_at = time.monotonic() + LOOK_EVERY_SECONDS

    @property
    def content(self) -> T:
        if time.monotonic() >= self._look_at:
            self._look()
        return self._content

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
        mark = mark_of(self._path)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._content = self._read(self._path)
        except Exception as error:  # noqa: BLE001 - whatever it is, what was known counts on
            log.warning("file_not_read", path=str(self._path), error=str(error))


def mark_of(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever the file does; None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino, about.st_size
