"""One URL chooses the database: `sqlite:///orderlog.db` or `postgresql://user@host/name`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from orderlog.eventstore.errors import StoreMisconfigured

DEFAULT_URL: Final = "sqlite:///orderlog.db"
_POSTGRES_PORT: Final = 5432


@dataclass(frozen=True, slots=True)
class SqliteLocation:
    """The log is one file; read models live beside it, because they can be thrown away."""

    path: Path
    kind: Literal["sqlite"] = "sqlite"

    @property
    def read_models_path(self) -> Path:
        return self.path.with_name(f"{self.path.stem}-read-models{self.path.suffix}")


@dataclass(frozen=True, slots=True)
class PostgresLocation:
    """`host` may be a directory: then it is where the server's socket is."""

    host: str
    port: int
    dbname: str
    user: str
    password: str
    kind: Literal["postgresql"] = "postgresql"

    def __repr__(self) -> str:
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.dbname}"


Location = SqliteLocation | PostgresLocation


def parse_url(url: str) -> Location:
    """Raises `StoreMisconfigured` with a sentence that says what a URL looks like."""
    parts = urlsplit(url)
    match parts.scheme:
        case "sqlite":
            return _sqlite(url)
        case "postgresql" | "postgres":
            return _postgres(url)
        case _:
            message = (
                f"The database URL {url.rsplit('@', maxsplit=1)[-1]!r} is neither sqlite:///FILE "
                "nor postgresql://USER@HOST/NAME; set ORDERLOG_DATABASE_URL to one of these."
            )
            raise StoreMisconfigured(message)


def _sqlite(url: str) -> SqliteLocation:
    prefix = "sqlite:///"
    path = unquote(url.removeprefix(prefix))
    if not url.startswith(prefix) or not path or ":memory:" in path:
        message = f"{url!r} names no file; write sqlite:///orderlog.db or sqlite:////path/to.db."
        raise StoreMisconfigured(message)
    return SqliteLocation(Path(path))


def _postgres(url: str) -> PostgresLocation:
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    dbname = unquote(parts.path.removeprefix("/"))
    if not dbname:
        raise StoreMisconfigured("The database URL names no database: postgresql://HOST/NAME.")
    try:
        port = parts.port or int(query.get("port", _POSTGRES_PORT))
    except ValueError:
        raise StoreMisconfigured("The port in the database URL is not a number.") from None
    return PostgresLocation(
        host=unquote(parts.hostname or query.get("host", "localhost")),
        port=port,
        dbname=dbname,
        user=unquote(parts.username or query.get("user", "postgres")),
        password=unquote(parts.password or query.get("password", "")),
    )
