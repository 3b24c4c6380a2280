"""What stands between a browser and a server that asks nobody who they are.

Loopback keeps other machines out. The `Host` check keeps out names that an attacker lets point to
this machine (DNS rebinding), the `Origin` check keeps out other sites that a visitor has open.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from orderlog_server.settings import is_loopback

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; connect-src 'self' {sockets}; font-src 'self' data:; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
WRONG_HOST: Final = (
    "This server answers to loopback names only: 127.0.0.1, [::1] or localhost, not {host}.\n"
)
WRONG_ORIGIN: Final = "Only pages of this server may ask it from a browser."


class Protection:
    """Checks `Host` everywhere and `Origin` under `guarded_path`; adds the security headers."""

    def __init__(self, app: ASGIApp, guarded_path: str) -> None:
        self._app = app
        self._guarded_path = guarded_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["path"], headers)
        if scope["type"] == "websocket":
            app = self._app if refusal is None else WebSocketClose()
            await app(scope, receive, send)
        else:
            protected = with_headers(send, headers.get("host", ""))
            await (refusal or self._app)(scope, receive, protected)

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if not is_loopback_netloc(host):
            return PlainTextResponse(WRONG_HOST.format(host=host or "no name"), status_code=421)
        origin = headers.get("origin")
        if origin is not None and path == self._guarded_path and netloc_of(origin) != host.lower():
            error = {"message": WRONG_ORIGIN, "extensions": {"code": "FORBIDDEN"}}
            return JSONResponse({"errors": [error]}, status_code=403)
        return None


def with_headers(send: Send, host: str) -> Send:
    """Sends as before, with the security headers on every response.

    Sockets of this server are named: not every browser counts them in with `'self'`.
    """
    policy = CONTENT_SECURITY_POLICY.format(sockets=f"ws://{host}")

    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = policy
            headers.update(HEADERS)
        await send(message)

    return send_protected


def netloc_of(origin: str) -> str:
    """`http://localhost:8000` as `localhost:8000`; empty for `null` and nonsense."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def is_loopback_netloc(netloc: str) -> bool:
    """Whether a `Host` header names this machine, with a port or without."""
    try:
        parts = urlsplit(f"//{netloc}")
        return parts.netloc == netloc and is_loopback(parts.hostname or "")
    except ValueError:
        return False
