"""Old events are read for ever: an upcaster turns the stored form of one version into the next.

A topic is the event's name, with `.v2` and so on from its second version. When `OrderPlaced`
gets a second version, its class takes the topic `OrderPlaced.v2` and the old topic an entry here:

    UPCASTERS["OrderPlaced"] = ("OrderPlaced.v2", lambda state: state | {"new_field": 0})
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from orderlog.domain.aggregate import EVENT_TYPES

StoredState = dict[str, Any]
Upcaster = Callable[[StoredState], StoredState]

UPCASTERS: Final[dict[str, tuple[str, Upcaster]]] = {}


def upcast(
    topic: str,
    state: StoredState,
    upcasters: Mapping[str, tuple[str, Upcaster]] = UPCASTERS,
) -> tuple[str, StoredState]:
    """Follows the chain of upcasters to the newest topic and state."""
    while topic in upcasters:
        topic, step = upcasters[topic][0], upcasters[topic][1]
        state = step(state)
    return topic, state


def name_and_version(topic: str) -> tuple[str, int]:
    """`"OrderPlaced.v2"` as `("OrderPlaced", 2)`."""
    name, _, version = topic.partition(".v")
    return name, int(version or 1)


def topics_of(names: Collection[str]) -> list[str]:
    """All topics, old versions too, under which events of these names are stored."""
    topics = {*EVENT_TYPES, *UPCASTERS}
    return sorted(topic for topic in topics if name_and_version(topic)[0] in names)
