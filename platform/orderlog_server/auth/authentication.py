"""The one question that HTTP and WebSockets ask: who it is."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Protocol

import structlog
from starlette.datastructures import Headers

from orderlog_schema.principals import LOCAL, Principal
from orderlog_server.auth.keys import KeySource, TrustedKey
from orderlog_server.auth.refusing import NoToken, Unauthenticated
from orderlog_server.auth.revocations import Revocations
from orderlog_server.auth.tokens import TOKEN_BYTES_MAX, Terms, verified
from orderlog_server.auth.watched import WatchedFile

VERIFIED_TOKENS_MAX: Final = 10_000
SCHEME: Final = "bearer"

log = structlog.get_logger()


class Authentication(Protocol):
    """Says who asks, or raises `Unauthenticated`."""

    async def principal_of(self, headers: Headers) -> Principal:
        """Of an HTTP request."""
        ...

    async def authenticate(
        self, payload: Mapping[str, object] | None, headers: Headers
    ) -> Principal:
        """Of a WebSocket: by its `connection_init`, else by the headers of its handshake."""
        ...

    def is_current(self, principal: Principal) -> bool:
        """Whether what it proved still counts; to be asked at least every 5 s of whoever stays."""
        ...


class Unasked:
    """Nobody is asked: everyone is the one who works at this machine."""

    async def principal_of(self, headers: Headers) -> Principal:  # noqa: ARG002 - not asked
        return LOCAL

    async def authenticate(
        self,
        payload: Mapping[str, object] | None,  # noqa: ARG002 - not asked
        headers: Headers,  # noqa: ARG002 - as above
    ) -> Principal:
        return LOCAL

    def is_current(self, principal: Principal) -> bool:  # noqa: ARG002 - as above
        return True


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that was checked; `ends_at` in seconds since 1970."""

    principal: Principal
    key: TrustedKey
    ends_at: float


class ByToken:
    """Checks each token once, and remembers its digest until it ends."""

    def __init__(
        self, sources: Sequence[KeySource], terms: Terms, revoked: WatchedFile[Revocations]
    ) -> None:
        self._sources = sources
        self._terms = terms
        self._revoked = revoked
        self._verified: dict[bytes, Verified] = {}

    async def principal_of(self, headers: Headers) -> Principal:
        credentials = headers.getlist("authorization")
        if not credentials:
            raise NoToken
        return await self._principal(credentials)

    async def authenticate(
        self, payload: Mapping[str, object] | None, headers: Headers
    ) -> Principal:
        sent = [value for key, value in (payload or {}).items() if key.lower() == "authorization"]
        return await self._principal(sent) if sent else await self.principal_of(headers)

    def is_current(self, principal: Principal) -> bool:
        is_over = principal.expires_at is not None and principal.expires_at <= datetime.now(UTC)
        return not is_over and not self._revoked.content.concern(principal)

    async def _principal(self, credentials: Sequence[object]) -> Principal:
        try:
            return self._unrevoked(await self._of_token(token_in(credentials)))
        except Unauthenticated as error:
            log.debug("token_refused", reason=error.reason)
            raise

    def _unrevoked(self, principal: Principal) -> Principal:
        if self._revoked.content.concern(principal):
            raise Unauthenticated("revoked")
        return principal

    async def _of_token(self, token: str) -> Principal:
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and known.ends_at > time.time() and self._counts(known.key):
            return known.principal
        principal, key = await verified(token, self._sources, self._terms)
        self._remember(digest, principal, key)
        return principal

    def _counts(self, key: TrustedKey) -> bool:
        return any(source.keys.get(key.id) is key for source in self._sources)

    def _remember(self, digest: bytes, principal: Principal, key: TrustedKey) -> None:
        if len(self._verified) >= VERIFIED_TOKENS_MAX:
            del self._verified[next(iter(self._verified))]  # the one that was checked first
        if principal.expires_at is not None:
            ends_at = principal.expires_at.timestamp()
            self._verified[digest] = Verified(principal, key, ends_at)


def token_in(credentials: Sequence[object]) -> str:
    """The token of the only `Authorization` there is. Raises `Unauthenticated`."""
    match credentials:
        case [str(only)] if len(only) <= TOKEN_BYTES_MAX:
            scheme, _, token = only.partition(" ")
        case _:
            raise Unauthenticated("not one header of a sensible length")
    if scheme.lower() != SCHEME or not token.isascii() or token != token.strip():
        raise Unauthenticated("not a bearer token")
    return token
