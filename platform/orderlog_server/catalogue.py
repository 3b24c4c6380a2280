"""Pages made from the code: the schema, the catalogue of events, the catalogue of read models."""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from orderlog.domain.aggregate import EVENT_TYPES, Event
from orderlog.domain.routing import AGGREGATES
from orderlog.eventstore.upcasters import name_and_version
from orderlog.processes.place_order import PlaceOrder
from orderlog.processes.refund_order import RefundOrder
from orderlog.processes.settle_payment import SettlePayment
from orderlog_projections.projection import Projection
from orderlog_projections.registry import PROJECTIONS

STORIES: Final = (PlaceOrder, RefundOrder, SettlePayment)
ENVELOPE_FIELDS: Final = frozenset(Event.__struct_fields__) | {"originator_topic"}
PLAIN_NAMES: Final[dict[type[object], str]] = {
    str: "text",
    int: "integer",
    bool: "boolean",
    datetime: "time",
}
SUBJECTS: Final = {
    "orders": "Orders",
    "stock": "Stock",
    "payments": "Payments",
    "processes": "Processes",
}

EVENTS_INTRODUCTION: Final = """\
# Events

Everything that can have happened, as it is stored: names and fields are kept for ever, an old
version is read by an upcaster. `?` marks a field that may be absent.

Every event also carries the envelope: `eventId`, `commandId`, `correlationId`, `causationId?`,
`actor {kind, id}`, `channelId`, `occurredAt` (business time), `recordedAt`, and its place:
`position` in the whole log, `streamId` and `streamVersion`.

Made by `python3 dev.py docs`; a test compares it with the code.
"""
READ_MODELS_INTRODUCTION: Final = """\
# Read models

Each keeps the answer to one question. All of them can be made again from the log, beside those
that answer: `orderlog projections rebuild`. How far each is behind, now:
`orderlog projections status`.

Made by `python3 dev.py docs`; a test compares it with the code.
"""


@cache
def event_names() -> frozenset[str]:
    return frozenset(name_and_version(topic)[0] for topic in EVENT_TYPES)


def events_page() -> str:
    """`platform/EVENTS.md`."""
    listed = sorted(EVENT_TYPES.values(), key=_place_of)
    sections = [
        f"## {SUBJECTS.get(subject, subject.title())}\n\n" + "\n".join(map(_event_entry, kinds))
        for subject, kinds in groupby(listed, key=_subject_of)
    ]
    return "\n".join([EVENTS_INTRODUCTION, *sections, _values_section(listed)])


def read_models_page() -> str:
    """`projections/READ_MODELS.md`."""
    return "\n".join([READ_MODELS_INTRODUCTION, *map(_read_model_entry, PROJECTIONS)])


def _subject_of(kind: type[Event]) -> str:
    return kind.__module__.split(".")[-2]


def _place_of(kind: type[Event]) -> tuple[int, int]:
    """By aggregate in the order of the routing list, then as the module tells them."""
    subjects = [route.aggregate.__module__.split(".")[-2] for route in AGGREGATES]
    return subjects.index(_subject_of(kind)), list(EVENT_TYPES).index(kind.TOPIC)


def _event_entry(kind: type[Event]) -> str:
    name, version = name_and_version(kind.TOPIC)
    lines = [f"### {name}", ""]
    if description := _first_paragraph(kind):
        lines += [description, ""]
    lines += [f"Version {version}. {_reacting(kind)}", ""]
    if fields := list(_fields(kind)):
        lines += [*_table(("field", "type"), fields), ""]
    return "\n".join(lines)


def _reacting(kind: type[Event]) -> str:
    """Who reacts: processes first, for they do something about it."""
    processes = [story.name for story in STORIES if kind in story.reacts_to]
    read_models = [one.name for one in PROJECTIONS if kind in one.event_types]
    parts = {"Processes": processes, "Read models": read_models}
    said = [
        f"{who}: {', '.join(f'`{n}`' for n in names)}." for who, names in parts.items() if names
    ]
    return " ".join(said) or "Nobody reacts yet."


def _fields(kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    hints = get_type_hints(kind)
    hidden = ENVELOPE_FIELDS if issubclass(kind, Event) else frozenset[str]()
    for field in msgspec.structs.fields(kind):
        if field.name not in hidden:
            optional = "" if field.required else "?"
            yield f"`{field.name}{optional}`", _type_name(hints[field.name])


def _type_name(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    """`list[Line]` as `list of Line`, `str | None` as `text`: the name has the question mark."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        return " or ".join(_type_name(part) for part in parts if part is not NoneType)
    if origin in {list, tuple}:
        return f"list of {_type_name(parts[0])}"
    kind: type[object] = annotation
    if issubclass(kind, StrEnum):
        return " · ".join(kind)
    return PLAIN_NAMES.get(kind, kind.__name__)


def _values_section(kinds: Iterable[type[Event]]) -> str:
    """The structs that fields of events are made of."""
    found: dict[str, type[msgspec.Struct]] = {}
    pending: list[type[msgspec.Struct]] = list(kinds)
    while pending:
        for value in _values_in(pending.pop()):
            if value.__name__ not in found:
                found[value.__name__] = value
                pending.append(value)
    entries = [
        "\n".join([f"### {name}", "", *_table(("field", "type"), _fields(found[name])), ""])
        for name in sorted(found)
    ]
    return "\n".join(["## Values inside events\n", *entries])


def _values_in(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    hidden = ENVELOPE_FIELDS if issubclass(kind, Event) else frozenset[str]()
    for name, annotation in get_type_hints(kind).items():
        for part in (annotation, *get_args(annotation)):
            if name not in hidden and isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield part


def _read_model_entry(projection: Projection) -> str:
    lines = [f"## {projection.name}", "", projection.question, ""]
    for table in projection.tables:
        columns = ", ".join(f"`{column}`" for column in table.columns)
        key = ", ".join(f"`{column}`" for column in table.key)
        lines += [f"Table `{table.name}`, by {key}: {columns}.", ""]
    names = ", ".join(f"`{name_and_version(kind.TOPIC)[0]}`" for kind in projection.event_types)
    return "\n".join([*lines, f"Events: {names}.", ""])


def _first_paragraph(kind: type[Event]) -> str:
    """What the code says about it, where it says something of its own."""
    text = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
    return " ".join(text.partition("\n\n")[0].split())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_table_row(head), _table_row("---" for _ in head), *map(_table_row, rows)]


def _table_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
