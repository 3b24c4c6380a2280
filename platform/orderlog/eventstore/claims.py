"""Who does what: of all processes that share a log, one owns a duty at a time.

Whenever a duty changes hands its epoch grows, and what an owner writes checks the epoch in the
same transaction: one that was stopped for a while, and has lost its duty without knowing, writes
nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, LiteralString, NamedTuple

from orderlog.eventstore.errors import StoreError

SOLE_EPOCH: Final = 0
"""Of a duty that nobody can take away, as on SQLite: there is nothing to check."""

OWNERS_TABLE: Final[LiteralString] = (
    "CREATE TABLE IF NOT EXISTS owners ("
    "duty TEXT PRIMARY KEY, epoch BIGINT NOT NULL, holder TEXT NOT NULL)"
)
_COUNT_HELD: Final[LiteralString] = (
    "SELECT count(*) AS held FROM (SELECT duty FROM public.owners WHERE (duty, epoch) IN "
    "(SELECT * FROM unnest(%s::text[], %s::bigint[])) FOR SHARE) AS held"
)
"""How many of these duties have these epochs; they cannot change before the transaction ends."""


class Claim(NamedTuple):
    """A duty of this process, for as long as its epoch is the newest."""

    duty: str
    epoch: int


Claims = Mapping[str, Claim]
"""What a process owns, by duty."""
Params = tuple[Sequence[str], Sequence[int]]
"""Duties and their epochs."""


class NotOwner(StoreError):
    """Another process has taken over: what was to be written is not."""

    def __init__(self, claims: Collection[Claim]) -> None:
        duties = ", ".join(sorted(claim.duty for claim in claims))
        super().__init__(f"Another process does this now, or is about to: {duties}.")


def require_held(claims: Collection[Claim], count: Callable[[LiteralString, Params], int]) -> None:
    """In the transaction of what is written; `count` asks there. Raises `NotOwner`."""
    asked = [claim for claim in claims if claim.epoch != SOLE_EPOCH]
    params = [claim.duty for claim in asked], [claim.epoch for claim in asked]
    if asked and count(_COUNT_HELD, params) != len(asked):
        raise NotOwner(asked)
