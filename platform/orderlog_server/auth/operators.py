"""What only those may see who run the server, or the programs that watch it for them."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from orderlog.domain.envelope import ActorKind
from orderlog_schema.principals import Principal, Role
from orderlog_server.auth.authentication import Authentication
from orderlog_server.auth.refusing import Unauthenticated

Endpoint = Callable[[Request], Awaitable[Response]]
PROGRAMS: Final = {ActorKind.APP, ActorKind.SYSTEM}
NOT_FOR_YOU: Final = "This is for administrators and applications.\n"


def for_operators(endpoint: Endpoint, authentication: Authentication) -> Endpoint:
    async def guarded(request: Request) -> Response:
        try:
            principal = await authentication.principal_of(request.headers)
        except Unauthenticated as error:
            challenge = {"www-authenticate": error.challenge}
            return PlainTextResponse(f"{error}\n", 401, headers=challenge)
        if not may_watch(principal):
            return PlainTextResponse(NOT_FOR_YOU, 403)
        return await endpoint(request)

    return guarded


def may_watch(principal: Principal) -> bool:
    return principal.kind in PROGRAMS or Role.ADMIN in principal.roles
