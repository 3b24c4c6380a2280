"""Somebody who asks the schema itself, as every transport does in the end."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from orderlog.domain.envelope import ActorKind
from orderlog_schema.execution.operations import Asked
from orderlog_schema.principals import Principal, Role
from orderlog_schema.schema import Schema, build_schema
from orderlog_server.channel_settings import ChannelSettings
from orderlog_server.settings import load_settings
from orderlog_server.wiring import Platform, running
from tests.schema.api import ADDRESS, ERRORS, LINE, METHOD

JsonObject = dict[str, Any]
NORTH: Final = frozenset({"north"})
ADA: Final = Principal(kind=ActorKind.CUSTOMER, id="ada")
BOB: Final = Principal(kind=ActorKind.CUSTOMER, id="bob")
CAROL: Final = Principal(kind=ActorKind.CUSTOMER, id="carol", channel_id="north", channel_ids=NORTH)


def staff(*roles: Role, **more: Any) -> Principal:  # noqa: ANN401 - any field of a principal
    """Of the default channel, where nothing else is said."""
    return Principal(kind=ActorKind.STAFF, id="-".join(roles), roles=frozenset(roles), **more)


def northern(*roles: Role) -> Principal:
    return staff(*roles, channel_id="north", channel_ids=NORTH)


@dataclass(frozen=True)
class Asker:
    """`post` answers the whole response, `ask` its data, `tell` the payload of one mutation."""

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

    async def tell(self, name: str, selection: str = "", /, **given: object) -> JsonObject:
        kind = f"{name[0].upper()}{name[1:]}Input!"
        mutation = f"""
          mutation Tell($input: {kind}) {{
            {name}(input: $input) {{ position replayed {ERRORS} {selection} }}
          }}
        """
        payload: JsonObject = (await self.ask(mutation, input=given))[name]
        return payload

    async def done(self, name: str, selection: str = "", /, **given: object) -> JsonObject:
        payload = await self.tell(name, selection, **given)
        assert payload["errors"] == []
        return payload

    async def codes(self, name: str, /, **given: object) -> list[str]:
        return [error["code"] for error in (await self.tell(name, **given))["errors"]]

    async def draft(self, **more: object) -> str:
        """A draft that lacks nothing; its UUID."""
        complete = {
            "currency": "GBP",
            "lines": [LINE],
            "addresses": [ADDRESS],
            "shippingMethod": METHOD,
            **more,
        }
        payload = await self.done("createDraftOrder", "order { orderId }", **complete)
        order_id: str = payload["order"]["orderId"]
        return order_id

    async def placed(self, **more: object) -> str:
        """An order whose process has done what it could; its UUID."""
        order_id = await self.draft(**more)
        await self.done("placeOrder", orderId=order_id)
        await self.platform.settled()
        return order_id

    @asynccontextmanager
    async def watching(
        self, query: str, /, **variables: object
    ) -> AsyncGenerator[AsyncGenerator[JsonObject]]:
        """What a subscription tells, event by event."""

        async def told() -> AsyncGenerator[JsonObject]:
            context = self.platform.context_for(self.principal)
            stream: Any = await self.schema.stream(query, variables, context_value=context)
            async with aclosing(stream):
                async for result in stream:
                    assert not result.errors, result.errors
                    yield dict(result.data or {})

        async with aclosing(told()) as events:
            yield events

    async def refused(self, query: str, /, **variables: object) -> dict[str, list[str]]:
        """The fields that were refused, each with the audiences that it is for."""
        response = await self.post(query, **variables)
        extensions = [error["extensions"] for error in response.get("errors", ())]
        return {
            one["field"]: one["requires"] for one in extensions if one.get("code") == "FORBIDDEN"
        }


@dataclass(frozen=True)
class House:
    """A platform of two channels, `default` and `north`, to be asked by anybody."""

    platform: Platform
    schema: Schema

    def by(self, principal: Principal) -> Asker:
        return Asker(self.platform, self.schema, principal)


@asynccontextmanager
async def open_house(database_url: str) -> AsyncGenerator[House]:
    north = ChannelSettings(id="north", order_number_prefix="N")
    settings = load_settings(database_url=database_url, channels=(north,))
    async with running(settings) as platform:
        yield House(platform, build_schema())
