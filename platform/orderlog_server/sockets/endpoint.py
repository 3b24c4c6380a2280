"""The handshake: with the protocol that is spoken here, or not at all."""

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from orderlog_server.frames import taking_over
from orderlog_server.sockets.closing import WRONG_PROTOCOL
from orderlog_server.sockets.hall import Hall
from orderlog_server.sockets.messages import PROTOCOL


class SocketEndpoint:
    """Returns as soon as the connection is open: from there on it needs no task."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if PROTOCOL not in scope["subprotocols"]:
            code, reason = WRONG_PROTOCOL
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        headers = Headers(scope=scope)
        taking_over(scope)(lambda line: self._hall.enter(line, headers))
