"""Every setting, in one place: from `ORDERLOG_…` variables, from `orderlog.toml`, or as it comes.

What the command line says counts most, then the environment, then the file.
"""

import ipaddress
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from orderlog.eventstore.urls import DEFAULT_URL
from orderlog_schema.limits import (
    ANSWER_SECONDS_MAX,
    BYTES_PER_MINUTE_MAX,
    MESSAGE_BYTES_MAX,
    MESSAGES_PER_MINUTE_MAX,
    OPERATION_SECONDS_MAX,
)
from orderlog_server.channel_settings import CHANNELS_MAX, ChannelSettings

ENVIRONMENT_PREFIX: Final = "ORDERLOG_"
SETTINGS_FILE: Final = Path("orderlog.toml")
PORT_MAX: Final = 65_535

OUR_ISSUER: Final = "orderlog"
"""The `iss` of tokens that are signed with the key of this installation."""

Origin: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^https?://[^/@\s*]+$", to_lower=True)
]
WarehouseId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,32}$")]


class SettingsError(Exception):
    """A setting is wrong; the message is one sentence that says which one and what it may be."""


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Auth(StrEnum):
    TOKEN = "token"  # noqa: S105 - the name of a mode
    NONE = "none"


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

    auth: Auth = Auth.TOKEN
    """Who may ask: those with a token (token), or everyone on this machine (none)."""

    host: str = "127.0.0.1"
    """The address to listen on; without tokens loopback only."""

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

    channels: Annotated[tuple[ChannelSettings, ...], Field(max_length=CHANNELS_MAX)] = ()
    """Tenants beside the default channel: a JSON list of {"id", "order_number_prefix", …}."""

    workers: Annotated[int, Field(ge=1, le=64)] = 1
    """How many processes answer requests; more than one needs PostgreSQL."""

    owner_silent_seconds_max: Annotated[int, Field(ge=1, le=300)] = 5
    """How long the process that keeps the read models may be stopped before another one does."""

    shutdown_grace_seconds: Annotated[int, Field(ge=0, le=300)] = 5
    """How long requests may go on after Ctrl-C."""

    operation_seconds_max: Annotated[float, Field(gt=0, le=300)] = OPERATION_SECONDS_MAX
    """How long a query or a mutation may take; then its client is told that nobody waits on."""

    answer_seconds_max: Annotated[float, Field(ge=0, le=60)] = ANSWER_SECONDS_MAX
    """How long an answer may be given again while no read model moves; 0 for never."""

    stream_heartbeat_seconds: Annotated[float, Field(gt=0, le=60)] = 5
    """How often a stream over HTTP gives a sign of life."""

    websocket_message_bytes_max: Annotated[int, Field(ge=1_024, le=16_777_216)] = MESSAGE_BYTES_MAX
    """The longest message that a WebSocket client may send."""

    websocket_messages_per_minute_max: Annotated[int, Field(ge=1, le=1_000_000)] = (
        MESSAGES_PER_MINUTE_MAX
    )
    """How many messages a WebSocket client may send in a minute."""

    websocket_bytes_per_minute_max: Annotated[int, Field(ge=1_024, le=2**40)] = BYTES_PER_MINUTE_MAX
    """How many bytes a WebSocket client may send in a minute."""

    websocket_ping_seconds: Annotated[float, Field(ge=0.1, le=3_600)] = 20
    """After so long a silence a WebSocket client is pinged; half as long it has to answer."""

    websocket_idle_seconds_max: Annotated[float, Field(ge=0.1, le=86_400)] = 300
    """How long a WebSocket stays open on which no operation runs."""

    websockets_per_principal_max: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """How many WebSockets anyone may have open at once in one process."""

    allowed_hosts: tuple[str, ...] = ()
    """The names by which others reach the server, with port or without: a JSON list."""

    allowed_origins: tuple[Origin, ...] = ()
    """Web sites whose pages may ask it beside its own, as https://shop.example: a JSON list."""

    token_key_file: Path | None = None
    """The secret of our own tokens, mode 0600; beside the database where nothing is said."""

    jwks_file: Path | None = None
    """Public keys of those who issue tokens: a file with a JWK Set."""

    jwks_url: str | None = None
    """The same at a URL: https, or http on loopback."""

    token_issuer: str | None = None
    """The `iss` of tokens by the public keys; our own say orderlog."""

    token_audience: str = "orderlog"  # noqa: S105 - every token names it
    """The `aud` that every token must name."""

    token_seconds_max: Annotated[int, Field(ge=1, le=86_400)] = 900
    """The longest time from the issue of a token to its end."""

    revocations_file: Path | None = None
    """Tokens and subjects that count no more; beside the database where nothing is said."""

    production: bool = False
    """Reveal nothing of the schema, and take queries by GET by their persisted names only."""

    operations_manifest: Path | None = None
    """Operations that may be asked for by name: a file, see `orderlog operations manifest`."""

    allow_list_only: bool = False
    """Refuse every operation that is not in the manifest."""

    cost_points_per_second: Annotated[float, Field(ge=0)] = 1_000
    """How fast the budget of everyone who has a token fills up again; 0 limits nobody."""

    local_cost_points_per_second: Annotated[float, Field(ge=0)] = 0
    """The same, of all together who are not asked who they are."""

    @field_validator("channels")
    @classmethod
    def _are_different(cls, channels: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
        ids = [one.id for one in channels]
        if len(set(ids)) < len(ids):
            message = "each channel is named once"
            raise ValueError(message)
        return channels

    @field_validator("host")
    @classmethod
    def _is_guarded(cls, host: str, info: ValidationInfo) -> str:
        if info.data.get("auth") is not Auth.TOKEN and not is_loopback(host):
            message = (
                "without tokens the server binds to loopback only; use 127.0.0.1, ::1 or "
                "localhost, or ask for tokens (ORDERLOG_AUTH=token)"
            )
            raise ValueError(message)
        return host

    @field_validator("jwks_url")
    @classmethod
    def _is_safe(cls, url: str | None) -> str | None:
        if url is not None and urlsplit(url).scheme != "https" and not is_loopback_url(url):
            message = "keys come by https, or by http from this machine"
            raise ValueError(message)
        return url

    @field_validator("token_issuer")
    @classmethod
    def _is_not_ours(cls, issuer: str | None) -> str | None:
        if issuer == OUR_ISSUER:
            message = "that is what our own tokens say; name the one who issues the others"
            raise ValueError(message)
        return issuer

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


def is_loopback_url(url: str) -> bool:
    """Whether it is plain HTTP to this machine."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and is_loopback(parts.hostname or "")
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
    place = tuple(map(str, first["loc"]))
    name = ".".join(place)
    if first["type"] == "extra_forbidden" and len(place) == 1:
        known = ", ".join(Settings.model_fields)
        return f"There is no setting {name!r} in {SETTINGS_FILE}; there are: {known}."
    cause = first["msg"].removeprefix("Value error, ")
    if (unread := re.search(r'field "(\w+)" from source "Env', cause)) is not None:
        return f"The variable {ENVIRONMENT_PREFIX}{unread[1].upper()} does not hold JSON."
    if not name:  # the file itself could not be read
        return f"The file {SETTINGS_FILE} is not valid TOML ({cause}); mend or remove it."
    return (
        f"The setting {name} ({ENVIRONMENT_PREFIX}{place[0].upper()}, or in {SETTINGS_FILE}) "
        f"cannot be {first['input']!r}: {cause[:1].lower()}{cause[1:]}."
    )
