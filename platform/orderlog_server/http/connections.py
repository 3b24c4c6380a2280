"""HTTP connections that do not keep a server from stopping."""

from typing import Final, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

ENDLESS: Final = "orderlog.endless"


def call_endless(scope: Scope) -> None:
    """Says of a request that its answer never ends by itself: nobody need wait for that."""
    scope[ENDLESS] = True


class HttpConnection(HttpToolsProtocol):
    """The library's, which would wait for whatever is going on until it gives up, with an error.

    A stream is cut instead: its client sees that it is not complete, comes back and goes on.
    """

    def shutdown(self) -> None:
        super().shutdown()
        cycle = cast("RequestResponseCycle | None", self.cycle)  # none before the first request
        if cycle is not None and ENDLESS in cycle.scope:
            self.transport.close()
