"""From settings to the one who asks: which keys count, and where they are."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from orderlog.eventstore.urls import SqliteLocation, parse_url
from orderlog_server.auth.authentication import Authentication, ByToken, Unasked
from orderlog_server.auth.keys import (
    KeyFile,
    Keys,
    KeySource,
    KeysUnusable,
    TrustedKey,
    published_keys,
    read_local_key,
)
from orderlog_server.auth.published import PublishedKeys
from orderlog_server.auth.revocations import read_revocations
from orderlog_server.auth.tokens import Terms
from orderlog_server.auth.watched import WatchedFile
from orderlog_server.settings import Auth, Settings, SettingsError

NO_KEY: Final = (
    "There is no key to check tokens with; make one and a first token with `orderlog token create "
    "--role admin`, or set ORDERLOG_JWKS_URL, ORDERLOG_JWKS_FILE or ORDERLOG_TOKEN_KEY_FILE."
)
NO_ISSUER: Final = (
    "Nobody says who issues the tokens of the public keys; set ORDERLOG_TOKEN_ISSUER to what their "
    "`iss` is."
)


def open_authentication(settings: Settings) -> Authentication:
    """Raises `SettingsError` where tokens cannot be checked, `RevocationsUnreadable`."""
    if settings.auth is Auth.NONE:
        return Unasked()
    sources = list(key_sources(settings))
    if not sources:
        raise SettingsError(NO_KEY)
    revoked = WatchedFile(revocations_path(settings), read_revocations)
    return ByToken(sources, terms_of(settings), revoked)


def terms_of(settings: Settings) -> Terms:
    return Terms(settings.token_audience, settings.token_seconds_max)


def key_sources(settings: Settings) -> Iterator[KeySource]:
    """All that is set; our own key where it is."""
    own = token_key_path(settings)
    if settings.token_key_file is not None or own.exists():
        yield key_file(own, keys_of_ours)
    if settings.jwks_file is not None:
        issuer = issuer_of(settings)
        yield key_file(settings.jwks_file, lambda path: published_keys(path.read_bytes(), issuer))
    if settings.jwks_url is not None:
        yield PublishedKeys(settings.jwks_url, issuer_of(settings))


def issuer_of(settings: Settings) -> str:
    if settings.token_issuer is None:
        raise SettingsError(NO_ISSUER)
    return settings.token_issuer


def keys_of_ours(path: Path) -> Keys:
    key = read_local_key(path)
    return {key.id: key}


def own_key(settings: Settings) -> TrustedKey:
    """What our own tokens are signed with. Raises `SettingsError`."""
    (key,) = key_file(token_key_path(settings), keys_of_ours).keys.values()
    return key


def key_file(path: Path, read: Callable[[Path], Keys]) -> KeyFile:
    """Raises `SettingsError` for a file that holds no key."""
    try:
        return KeyFile(WatchedFile(path, read))
    except KeysUnusable as error:
        message = f"The keys in {path} cannot be used: {error}"
        raise SettingsError(message) from None
    except OSError as error:
        message = f"The keys in {path} cannot be read ({error.strerror}); check the path."
        raise SettingsError(message) from None


def token_key_path(settings: Settings) -> Path:
    """Where the key of this installation is, or would be."""
    return settings.token_key_file or beside_log(settings, "token-key")


def revocations_path(settings: Settings) -> Path:
    return settings.revocations_file or beside_log(settings, "revocations")


def beside_log(settings: Settings, name: str) -> Path:
    """Beside the file of the log; for PostgreSQL in the current folder."""
    location = parse_url(settings.database_url)
    if isinstance(location, SqliteLocation):
        return location.path.with_name(f"{location.path.stem}-{name}.json")
    return Path(f"orderlog-{name}.json")
