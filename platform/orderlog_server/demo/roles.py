"""A token for each role, to be tried on in the playground by whoever has the token of the demo."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orderlog_schema.principals import Role
from orderlog_server.auth.issuing import Wanted, issue
from orderlog_server.auth.opening import open_authentication
from orderlog_server.auth.refusing import Unauthenticated
from orderlog_server.settings import Settings

PATH: Final = "/demo/tokens"
CUSTOMER: Final = "customer"
NOT_KEPT: Final = {"cache-control": "no-store"}


class RoleTokens:
    """Only an admin gets them: by a lesser role nobody climbs to a higher one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._authentication = open_authentication(settings)
        self.customer_id: str | None = None
        """Who is asked for as a customer; nobody before the shop is open."""

    @property
    def route(self) -> Route:
        return Route(PATH, self.answer)

    async def answer(self, request: Request) -> JSONResponse:
        """`{"tokens": [{"role", "token"}, …]}`."""
        try:
            principal = await self._authentication.principal_of(request.headers)
        except Unauthenticated as error:
            challenge = {"www-authenticate": error.challenge}
            return JSONResponse({"error": str(error)}, 401, NOT_KEPT | challenge)
        if Role.ADMIN not in principal.roles:
            return JSONResponse({"error": "Only an admin may try on other roles."}, 403, NOT_KEPT)
        tokens = [{"role": name, "token": self._token(name)} for name in self._names()]
        return JSONResponse({"tokens": tokens}, headers=NOT_KEPT)

    def _names(self) -> list[str]:
        roles: list[str] = [role.value for role in Role]
        return roles if self.customer_id is None else [*roles, CUSTOMER]

    def _token(self, name: str) -> str:
        customer_id = self.customer_id if name == CUSTOMER else None
        wanted = Wanted(
            kind="staff" if customer_id is None else CUSTOMER,
            subject=customer_id or "demo",
            roles=[name] if customer_id is None else [],
            channels=["*"] if customer_id is None else [],
            seconds=self._settings.token_seconds_max,
        )
        return issue(wanted, self._settings).text
