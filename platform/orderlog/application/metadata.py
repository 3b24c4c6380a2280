"""Where ids and times come from, so that no aggregate needs a clock."""

from datetime import UTC, datetime

from uuid_utils import UUID, uuid5
from uuid_utils.compat import uuid7

from orderlog.domain.envelope import DEFAULT_CHANNEL, Actor, ActorKind, CommandMetadata, Envelope

SYSTEM = Actor(ActorKind.SYSTEM, "orderlog")


def new_id() -> str:
    """A UUIDv7: sorts by time of creation."""
    return str(uuid7())


def derived_id(parent_id: str, *parts: str) -> str:
    """A UUIDv5: the same parts give the same id, so that a redelivery is a no-op."""
    return str(uuid5(UUID(parent_id), "/".join(parts)))


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_metadata(
    actor: Actor,
    *,
    command_id: str | None = None,
    correlation_id: str | None = None,
    causation_id: str | None = None,
    channel_id: str = DEFAULT_CHANNEL,
    occurred_at: datetime | None = None,
) -> CommandMetadata:
    """Metadata of a command sent now; what starts a conversation correlates with itself."""
    now, command_id = utc_now(), command_id or new_id()
    return CommandMetadata(
        command_id=command_id,
        correlation_id=correlation_id or command_id,
        causation_id=causation_id,
        actor=actor,
        channel_id=channel_id,
        occurred_at=occurred_at or now,
        recorded_at=now,
    )


def caused_by(
    cause: Envelope, actor: Actor, command_id: str, *, occurred_at: datetime | None = None
) -> CommandMetadata:
    """Metadata of a command that reacts to an event: same conversation, same channel."""
    return new_metadata(
        actor,
        command_id=command_id,
        correlation_id=cause.correlation_id,
        causation_id=cause.event_id,
        channel_id=cause.channel_id,
        occurred_at=occurred_at,
    )
