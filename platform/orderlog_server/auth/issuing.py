"""Tokens of our own, for the first steps and for people at this machine."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from orderlog_server.auth.keys import TrustedKey, make_local_key
from orderlog_server.auth.opening import own_key, terms_of, token_key_path
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.auth.tokens import Claims, check_terms, new_token_id, principal_of, signed
from orderlog_server.settings import Settings


class Unissuable(Exception):
    """Nobody would take such a token. The message is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a token is to say. Of a customer `subject` is the id."""

    kind: str
    subject: str
    roles: Sequence[str] = ()
    channels: Sequence[str] = ()
    seconds: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, the id by which it can be revoked, and when it ends."""

    text: str
    id: str
    expires_at: datetime


def ensure_key(settings: Settings) -> bool:
    """Whether the key of this installation had to be made."""
    return make_local_key(token_key_path(settings))


def issue(wanted: Wanted, settings: Settings) -> Issued:
    """A token by the key of this installation. Raises `Unissuable`, `SettingsError`."""
    key = own_key(settings)
    claims = claims_of(wanted, key, settings)
    expires_at = datetime.fromtimestamp(claims.exp, UTC)
    return Issued(signed(claims, key), claims.jti, expires_at)


def claims_of(wanted: Wanted, key: TrustedKey, settings: Settings) -> Claims:
    if wanted.seconds > settings.token_seconds_max:
        message = (
            f"The server takes tokens of at most {settings.token_seconds_max} seconds; ask for "
            "less, or raise ORDERLOG_TOKEN_SECONDS_MAX for both."
        )
        raise Unissuable(message)
    now = int(time.time())
    said = {
        "iss": key.issuer,
        "aud": settings.token_audience,
        "sub": wanted.subject,
        "jti": new_token_id(),
        "iat": now,
        "exp": now + wanted.seconds,
        "kind": wanted.kind,
        "customer": wanted.subject if wanted.kind == "customer" else None,
        "roles": list(wanted.roles) or None,
        "channels": list(wanted.channels) or None,
    }
    try:
        given = {name: value for name, value in said.items() if value is not None}
        claims = msgspec.convert(given, Claims)
        check_terms(claims, key.issuer, terms_of(settings), now)
        principal_of(claims, key)
    except msgspec.ValidationError as error:
        message = f"There is no such token: {error}."
        raise Unissuable(message) from None
    except Unauthenticated as error:
        message = f"Such a token would be refused: {error.reason}."
        raise Unissuable(message) from None
    return claims
