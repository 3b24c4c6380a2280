"""Reading needs a log that is there: a mistyped path must not make a new one."""

from orderlog.eventstore.errors import StoreUnavailable
from orderlog.eventstore.urls import SqliteLocation, parse_url


def require_log(database_url: str) -> None:
    """Raises `StoreUnavailable` where the URL names a SQLite file that does not exist."""
    location = parse_url(database_url)
    if isinstance(location, SqliteLocation) and not location.path.exists():
        message = (
            f"There is no log in {location.path} yet; `orderlog demo` and `orderlog serve` begin "
            "one, or name another with --database-url."
        )
        raise StoreUnavailable(message)
