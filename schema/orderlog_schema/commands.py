"""Told: how an input becomes commands, and what every mutation answers."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import orjson
import strawberry
from strawberry import UNSET

from orderlog.application.idempotency import IdempotencyKey
from orderlog.application.metadata import new_metadata
from orderlog.application.writer import Receipt
from orderlog.domain.aggregate import Aggregate
from orderlog.domain.commands import Command
from orderlog.domain.money import require_same_currency
from orderlog.domain.orders.order import Order
from orderlog.domain.payments.payment import Payment
from orderlog.domain.rejections import Rejected
from orderlog_schema.context import Context, Info
from orderlog_schema.cost import TELLING, listed
from orderlog_schema.errors import UserError, user_error
from orderlog_schema.given import at_path, given, is_given
from orderlog_schema.money import MoneyInput
from orderlog_schema.permissions import Allowed
from orderlog_schema.scalars import Position

JSON_INTEGER_MAX: Final = 2**63
"""What lies beyond is refused later, and must be fingerprinted before."""


@strawberry.input
class CommandInput:
    """What every input has. Subclasses say which command they are."""

    expected_version: int | None = strawberry.field(
        default=UNSET,
        description="Refuse with `VERSION_CONFLICT` unless it is at this version.",
    )
    idempotency_key: str | None = strawberry.field(
        default=UNSET,
        description="1 to 255 characters. The same key and input again: the first answer again.",
    )

    def command(self) -> Command:
        raise NotImplementedError

    async def commands(self, context: Context) -> Sequence[Command]:
        """Several, where they must be done together, or where making them takes a look-up."""
        command = self.command()
        await self.require_currency(context, command.stream_id)
        return [command]

    def amounts(self) -> Mapping[str, MoneyInput | None]:
        """Amounts that must be in the currency of what they concern, by the field's name."""
        return {}

    async def require_currency(self, context: Context, stream_id: str) -> None:
        """Raises `CURRENCY_MISMATCH`: a command itself knows minor units only."""
        amounts = {name: one for name, one in self.amounts().items() if is_given(one)}
        if not amounts:
            return
        currency = await context.inspect(stream_id, _currency_of)
        for name, amount in amounts.items():
            if currency is not None and amount is not None:
                with at_path(name):
                    require_same_currency(currency, amount.currency)

    def place_of(self, path: Sequence[str]) -> Sequence[str]:
        """Which part of the input a command's rejection means: mostly that of the same name."""
        return path

    def occurred_at(self) -> datetime | None:
        """The business time, where it is not now."""
        return None


@strawberry.type
class Answer:
    """What every payload has. Subclasses add the thing that was changed."""

    stream_id: strawberry.Private[str | None]
    position: Position = strawberry.field(
        description="The log stood here, or further, when it was done: good for `minPosition`."
    )
    replayed: bool = strawberry.field(
        description="Whether this is the answer to an earlier command with the same key."
    )
    errors: list[UserError] = strawberry.field(
        description="Why it was refused; empty when it was done.", directives=[listed(1)]
    )

    @classmethod
    def done(cls, receipt: Receipt, commands: Sequence[Command]) -> Self:
        stream_id = (
            receipt.events[0].event.originator_id if receipt.events else commands[0].stream_id
        )
        return cls(
            stream_id=stream_id,
            position=Position(receipt.position),
            replayed=receipt.replayed,
            errors=[],
        )

    @classmethod
    def refused(cls, rejection: Rejected, position: int) -> Self:
        return cls(
            stream_id=None,
            position=Position(position),
            replayed=False,
            errors=[user_error(rejection)],
        )

    async def changed(self, info: Info, prefix: str, read_model: str) -> str | None:
        """The key of what was changed, once a read model knows it; None where nothing was."""
        if self.stream_id is None:
            return None
        await info.context.read_models.wait(self.position, names=[read_model])
        return self.stream_id.removeprefix(prefix)


async def tell(info: Info, asked: CommandInput, answer: type[Answer]) -> Answer:
    """Sends the commands of an input, and answers with what came of it."""
    context = info.context
    try:
        context.channels.get(context.principal.channel_id)
        key = _idempotency_key(info, asked)
        commands = await asked.commands(context)
        receipt = await context.bus.execute(
            *commands,
            metadata=new_metadata(
                context.principal.actor,
                channel_id=context.principal.channel_id,
                occurred_at=asked.occurred_at(),
            ),
            expected_version=given(asked.expected_version),
            idempotency=key,
            sees=context.principal.may_touch,
        )
    except Rejected as rejection:
        rejection.path = tuple(asked.place_of(rejection.path))
        return answer.refused(rejection, context.hub.position)
    return answer.done(receipt, commands)


def _currency_of(aggregate: Aggregate | None) -> str | None:
    return aggregate.currency if isinstance(aggregate, Order | Payment) else None


def _idempotency_key(info: Info, asked: CommandInput) -> IdempotencyKey | None:
    key = given(asked.idempotency_key)
    if key is None:
        return None
    principal = info.context.principal
    return IdempotencyKey.of(
        scope=f"{principal.channel_id}/{principal.kind}:{principal.id}/{info.field_name}",
        key=key,
        body=canonical(asked),
    )


def canonical(asked: CommandInput) -> bytes:
    """The input as JSON, keys sorted, without the idempotency key and what was not given."""
    fields = dataclasses.asdict(asked)
    fields.pop("idempotency_key")
    return orjson.dumps(_without_unset(fields), option=orjson.OPT_SORT_KEYS)


def _without_unset(value: Any) -> Any:  # noqa: ANN401 - any part of an input
    match value:
        case {**fields}:
            left = {name: part for name, part in fields.items() if is_given(part)}
            return {str(name): _without_unset(part) for name, part in left.items()}
        case [*parts]:
            return [_without_unset(part) for part in parts]
        case int() if abs(value) >= JSON_INTEGER_MAX:
            return str(value)
        case _:
            return value


def mutation(
    asked: type[CommandInput], answer: type[Answer], description: str, *, to: Allowed
) -> Any:  # noqa: ANN401 - a field
    """A mutation that sends what its input says; its payload is named after the input."""
    name = asked.__name__.removesuffix("Input")
    payload = strawberry.type(
        type(f"{name}Payload", (answer,), {"__module__": asked.__module__}),
        description=f"What came of `{name[0].lower()}{name[1:]}`.",
        directives=[to],
    )

    async def resolve(info: Info, input: CommandInput) -> Answer:
        return await tell(info, input, payload)

    resolve.__annotations__ = {"info": Info, "input": asked, "return": payload}
    field: Any = strawberry.mutation(
        resolver=resolve, description=description, directives=[TELLING, to]
    )
    for argument in field.arguments:
        argument.description = "What is to be done, and to what."
    return field
