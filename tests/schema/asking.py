"""Somebody who asks the schema itself, as every transport does in the end."""

import json
from dataclasses import dataclass
from typing import Any, Final

from orderlog.domain.envelope import ActorKind
from orderlog_schema.execution.operations import Asked
from orderlog_schema.principals import Principal, Role
from orderlog_schema.schema import Schema
from orderlog_server.wiring import Platform

JsonObject = dict[str, Any]
ADA: Final = Principal(kind=ActorKind.CUSTOMER, id="ada")


def staff(*roles: Role, **more: Any) -> Principal:  # noqa: ANN401 - any field of a principal
    return Principal(kind=ActorKind.STAFF, id="-".join(roles), roles=frozenset(roles), **more)


@dataclass(frozen=True)
class Asker:
    """`post` answers the whole response, `ask` its data."""

    platform: Platform
    schema: Schema
    principal: Principal

    async def post(self, query: str, /, **variables: object) -> JsonObject:
        context = self.platform.context_for(self.principal)
        answered = await self.schema.executor.execute(Asked(query, variables, None), context)
        response: JsonObject = json.loads(answered.body)
        return response

    async def ask(self, query: str, /, **variables: object) -> JsonObject:
        response = await self.post(query, **variables)
        assert "errors" not in response, response["errors"]
        data: JsonObject = response["data"]
        return data

    async def refused(self, query: str, /, **variables: object) -> dict[str, list[str]]:
        """The fields that were refused, each with the audiences that it is for."""
        response = await self.post(query, **variables)
        extensions = [error["extensions"] for error in response.get("errors", ())]
        return {
            one["field"]: one["requires"] for one in extensions if one.get("code") == "FORBIDDEN"
        }
