"""Every setting, in one place: from `ORDERLOG_…` variables, from `orderlog.toml`, or as it comes.

What the command line says counts most, then the environment, then the file.
"""

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orderlog.eventstore.urls import DEFAULT_URL

ENVIRONMENT_PREFIX: Final = "ORDERLOG_"
SETTINGS_FILE: Final = Path("orderlog.toml")
PORT_MAX: Final = 65_535

WarehouseId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,32}$")]


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence that says which one and what it may be."""


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


class Settings(BaseSettings):
    """What can be set, with its unit in its name, and what it is where nobody sets it."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        toml_file=SETTINGS_FILE,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    database_url: str = DEFAULT_URL
    """Where the log is: sqlite:///FILE or postgresql://USER@HOST/NAME."""

    host: str = "127.0.0.1"
    """The address to listen on: loopback only, until authentication exists."""

    port: Annotated[int, Field(ge=0, le=PORT_MAX)] = 8_000
    """The port to listen on; 0 takes any free one."""

    log_level: LogLevel = LogLevel.INFO
    """How much the server says about itself: debug, info, warning or error."""

    log_format: LogFormat = LogFormat.CONSOLE
    """For people (console) or for machines (json, one object per line)."""

    warehouse_id: WarehouseId = "main"
    """The warehouse that orders are reserved in: letters, digits and underscores."""

    other_warehouse_ids: tuple[WarehouseId, ...] = ()
    """Further warehouses in which stock may be kept: a JSON list."""

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes answer requests; more than one needs PostgreSQL."""

    owner_silent_seconds_max: Annotated[int, Field(ge=1, le=300)] = 5
    """How long the process that keeps the read models may be stopped before another one does."""

    shutdown_grace_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    """How long requests may go on after Ctrl-C."""

    websocket_message_bytes_max: Annotated[int, Field(ge=1_024, le=16_777_216)] = 131_072
    """The longest message that a WebSocket client may send."""

    @field_validator("host")
    @classmethod
    def _is_loopback(cls, host: str) -> str:
        if not is_loopback(host):
            message = (
                "until authentication exists the server binds to loopback only; use 127.0.0.1, "
                "::1 or localhost"
            )
            raise ValueError(message)
        return host

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def is_loopback(host: str) -> bool:
    """Whether this address or name never leaves the machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**overrides: object) -> Settings:
    """The settings that count now; an override of None is none. Raises `SettingsError`."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong: its name, what it is, what it may be."""
    first = error.errors(include_url=False)[0]
    name = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return f"There is no setting {name!r} in {SETTINGS_FILE}; there are: {known}."
    cause = first["msg"].removeprefix("Value error, ")
    if not name:  # the file itself could not be read
        return f"The file {SETTINGS_FILE} is not valid TOML ({cause}); mend or remove it."
    return (
        f"The setting {name} ({ENVIRONMENT_PREFIX}{name.upper()}, or {name} in {SETTINGS_FILE}) "
        f"cannot be {first['input']!r}: {cause[:1].lower()}{cause[1:]}."
    )
