"""What stands between other people's web pages and the server.

The `Host` check keeps out names that an attacker lets point here (DNS rebinding), the `Origin`
check keeps out other sites that a visitor has open, unless they are on the list of allowed ones:
those get the headers of CORS, and never a cookie's credentials.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from orderlog_server.settings import Settings, is_loopback

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; connect-src 'self' {sockets}; font-src 'self' data:; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
ONLY_BY_TLS: Final = {"strict-transport-security": "max-age=31536000"}
PREFLIGHT_HEADERS: Final = {
    "cache-control": "no-store",
    "access-control-allow-headers": "accept, authorization, content-type, last-event-id",
    "access-control-allow-methods": "GET, POST",
    "access-control-max-age": "600",
}
CORS: Final = {
    "access-control-expose-headers": (
        "content-disposition, orderlog-position, retry-after, www-authenticate"
    ),
    "vary": "origin",
}
NETLOC_CHARACTERS_MAX: Final = 259
"""A name of 253 characters, and a port."""
WRONG_HOST: Final = (
    "This server is not called {host}; it answers to 127.0.0.1, [::1], localhost and the names in "
    "ORDERLOG_ALLOWED_HOSTS.\n"
)
WRONG_ORIGIN: Final = (
    "Only pages of this server, and of ORDERLOG_ALLOWED_ORIGINS, may ask it from a browser."
)


@dataclass(frozen=True, slots=True)
class Admission:
    """By which names the server is called, and whose pages may ask it; all in small letters.

    `is_public` is one that other machines reach: then it answers to bare addresses too, for no
    attacker lets a name of theirs be one.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    is_public: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Admission":
        hosts = {name.lower() for name in (settings.host, *settings.allowed_hosts)}
        origins = frozenset(settings.allowed_origins)
        return cls(frozenset(hosts), origins, not is_loopback(settings.host))

    def has_host(self, netloc: str) -> bool:
        """Whether a `Host` header names this server, with a port or without."""
        try:
            parts = urlsplit(f"//{netloc}")
            name = parts.hostname or ""
        except ValueError:
            return False
        is_ours = is_loopback(name) or (self.is_public and is_address(name))
        return parts.netloc == netloc and (is_ours or bool({name, netloc.lower()} & self.hosts))

    def has_origin(self, origin: str, host: str) -> bool:
        own = host.lower()
        return origin in {f"http://{own}", f"https://{own}"} or origin in self.origins


class Protection:
    """Checks `Host` and `Origin`, answers preflights, adds the security headers."""

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission
        self._has_host = lru_cache(admission.has_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers)
        if scope["type"] == "websocket":
            app = self._app if refusal is None else WebSocketClose()
            await app(scope, receive, send)
        else:
            app = refusal or (preflight() if is_preflight(scope, headers) else self._app)
            await app(scope, receive, self._with_headers(send, scope, headers))

    def _refusal(self, headers: Headers) -> Response | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        host = ", ".join(hosts)
        if len(host) > NETLOC_CHARACTERS_MAX or not self._has_host(host):
            called = host[:NETLOC_CHARACTERS_MAX] or "nothing"
            return PlainTextResponse(WRONG_HOST.format(host=called), status_code=421)
        is_foreign = headers.get("sec-fetch-site") == "cross-site" and not is_visit(headers)
        if origins:
            is_foreign = not self._admission.has_origin(", ".join(origins), host)
        if is_foreign:
            error = {"message": WRONG_ORIGIN, "extensions": {"code": "FORBIDDEN"}}
            return JSONResponse({"errors": [error]}, status_code=403)
        return None

    def _with_headers(self, send: Send, scope: Scope, headers: Headers) -> Send:
        """Sends as before, and says what the answer does not say for itself."""
        said = security_headers(scope["scheme"], headers.get("host", ""))
        origin = headers.get("origin")
        shared = shared_with(origin) if origin in self._admission.origins else []

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", ())
                names = {name for name, _ in own}
                others = (header for header in said if header[0] not in names)
                message["headers"] = [*own, *others, *shared]
            await send(message)

        return send_protected


@lru_cache
def security_headers(scheme: str, host: str) -> list[tuple[bytes, bytes]]:
    """Sockets of this server are named: not every browser counts them in with `'self'`."""
    is_safe = scheme == "https"
    sockets = f"{'wss' if is_safe else 'ws'}://{host}"
    headers = HEADERS | {"content-security-policy": CONTENT_SECURITY_POLICY.format(sockets=sockets)}
    return raw(headers | ONLY_BY_TLS if is_safe else headers)


def shared_with(origin: str | None) -> list[tuple[bytes, bytes]]:
    """Lets pages of an allowed site read the answer."""
    return raw(CORS | {"access-control-allow-origin": origin or ""})


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks if a page may ask."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers


def preflight() -> Response:
    return Response(status_code=204, headers=PREFLIGHT_HEADERS)


def is_visit(headers: Headers) -> bool:
    """Whether somebody has followed a link from there to here: they see our page, nobody else."""
    return headers.get("sec-fetch-mode") == "navigate"


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
