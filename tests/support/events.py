"""Events made by hand, for rooms that need some before any aggregate decides."""

from datetime import UTC, datetime

from orderlog.application.metadata import new_id
from orderlog.domain.envelope import DEFAULT_CHANNEL, Actor, ActorKind, Envelope
from orderlog.domain.orders.events import NoteVisibility, OrderNoteAdded

A_TIME = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
STAFF = Actor(ActorKind.STAFF, "ada")


def envelope(index: int = 0, command_id: str | None = None) -> Envelope:
    command_id = command_id or new_id()
    return Envelope(command_id, index, command_id, None, STAFF, DEFAULT_CHANNEL, A_TIME)


def note(stream_id: str, version: int, text: str = "ring twice") -> OrderNoteAdded:
    """An event that every stream of an order may hold at any version."""
    return OrderNoteAdded(
        originator_id=stream_id,
        originator_version=version,
        timestamp=A_TIME,
        envelope=envelope(version),
        note_id=new_id(),
        text=text,
        visibility=NoteVisibility.INTERNAL,
    )
