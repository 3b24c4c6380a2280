"""JSON Web Tokens: what one must say, how one is checked, how one of our own is made.

After RFC 7519 and RFC 9068, with the advice of RFC 8725: the algorithm and the issuer come from
the key, the key from its id, and nothing else of the header is heard.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from msgspec import UNSET, Meta, UnsetType

from orderlog.domain.envelope import DEFAULT_CHANNEL, ActorKind
from orderlog_schema.principals import Principal, Role
from orderlog_server.auth.keys import KeySource, TrustedKey
from orderlog_server.auth.refusing import Unauthenticated

TOKEN_BYTES_MAX: Final = 8_192
SKEW_SECONDS: Final = 60
"""So far another clock may be off."""
EVERY_CHANNEL: Final = "*"
TYPES: Final = {"jwt", "at+jwt", "application/at+jwt"}

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[!-~]+\Z")]
"""No blanks, nothing invisible: it is written into events and logs."""
Kind: TypeAlias = Literal["customer", "staff", "app", "system"]

_REGISTRY: Final = jws.JWSRegistry(
    algorithms=["HS256", "RS256", "ES256"], strict_check_header=False
)


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. Times are seconds since 1970, UTC."""

    iss: str
    aud: str | list[str]
    sub: Name
    jti: Name
    iat: float
    exp: float
    nbf: float | UnsetType = UNSET
    kind: Kind
    customer: Name | UnsetType = UNSET
    """Of a customer: its id."""
    roles: list[Role] | UnsetType = UNSET
    """Of staff and of an application: at least one."""
    channels: Annotated[list[Name], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    """The first is the one that is written to; `*` is all. None is the default channel."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must be like beside being signed."""

    audience: str
    seconds_max: int
    """From its issue to its end."""


async def verified(
    token: str, sources: Sequence[KeySource], terms: Terms
) -> tuple[Principal, TrustedKey]:
    """Who this is a token of, and the key that says so. Raises `Unauthenticated`."""
    signature = taken_apart(token)
    key = await find_key(signature, sources)
    claims = signed_claims(signature, key)
    check_terms(claims, key.issuer, terms, time.time())
    return principal_of(claims, key), key


def taken_apart(token: str) -> jws.CompactSignature:
    """Nothing of it is believed yet."""
    if len(token) > TOKEN_BYTES_MAX:
        raise Unauthenticated("too long")
    try:
        signature = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        headers = signature.headers()
        _REGISTRY.check_header(headers)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        reason = f"malformed: {type(error).__name__}"
        raise Unauthenticated(reason) from None
    if "crit" in headers or "b64" in headers:
        raise Unauthenticated("the header wants what is not understood here")
    if str(headers.get("typ", "JWT")).lower() not in TYPES:
        raise Unauthenticated("another type of token")
    return signature


async def find_key(signature: jws.CompactSignature, sources: Sequence[KeySource]) -> TrustedKey:
    """The key that the token names, if it goes with the algorithm that the token names."""
    headers = signature.headers()
    key_id = headers.get("kid")
    if not key_id:
        raise Unauthenticated("no key is named")
    for source in sources:
        key = await source.find(key_id)
        if key is not None:
            if key.algorithm != headers["alg"]:
                raise Unauthenticated("the algorithm is not that of the key")
            return key
    raise Unauthenticated("an unknown key")


def signed_claims(signature: jws.CompactSignature, key: TrustedKey) -> Claims:
    try:
        if not jws.validate_compact(signature, key.jwk, algorithms=[key.algorithm]):
            raise Unauthenticated("a wrong signature")
        return msgspec.json.decode(signature.payload, type=Claims)
    except (JoseError, ValueError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise Unauthenticated(reason) from None


def check_terms(claims: Claims, issuer: str, terms: Terms, now: float) -> None:
    audiences = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    not_before = claims.iat if claims.nbf is UNSET else max(claims.nbf, claims.iat)
    wrong = {
        "another issuer": claims.iss != issuer,
        "another audience": terms.audience not in audiences,
        "expired": now >= claims.exp + SKEW_SECONDS,
        "not valid yet": now < not_before - SKEW_SECONDS,
        "valid for too long": not 0 < claims.exp - claims.iat <= terms.seconds_max,
    }
    for reason, is_so in wrong.items():
        if is_so:
            raise Unauthenticated(reason)


def principal_of(claims: Claims, key: TrustedKey) -> Principal:
    """Raises `Unauthenticated` where the claims do not go together."""
    roles = frozenset(claims.roles or ())
    is_customer = claims.kind == "customer"
    wrong = {
        "a customer without an id": is_customer and claims.customer is UNSET,
        "a customer's id without a customer": not is_customer and claims.customer is not UNSET,
        "a customer with roles": is_customer and bool(roles),
        "no role": claims.kind in {"staff", "app"} and not roles,
        "the system, by another's key": claims.kind == "system" and not key.is_local,
    }
    for reason, is_so in wrong.items():
        if is_so:
            raise Unauthenticated(reason)
    channels = [DEFAULT_CHANNEL] if claims.channels is UNSET else claims.channels
    reads_all = EVERY_CHANNEL in channels
    return Principal(
        kind=ActorKind[claims.kind.upper()],
        id=claims.sub if claims.customer is UNSET else claims.customer,
        roles=roles,
        channel_id=DEFAULT_CHANNEL if channels[0] == EVERY_CHANNEL else channels[0],
        channel_ids=None if reads_all else frozenset(channels),
        expires_at=datetime.fromtimestamp(claims.exp + SKEW_SECONDS, UTC),
        token_id=claims.jti,
        issued_at=datetime.fromtimestamp(claims.iat, UTC),
    )


def signed(claims: Claims, key: TrustedKey) -> str:
    """The token, as it is sent."""
    header = {"alg": key.algorithm, "kid": key.id, "typ": "JWT"}
    payload = msgspec.json.encode(claims)
    return jws.serialize_compact(header, payload, key.jwk, registry=_REGISTRY)


def new_token_id() -> str:
    return secrets.token_hex(16)
