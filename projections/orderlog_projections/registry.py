"""Every projection there is, in one place."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from orderlog.eventstore.urls import Location
from orderlog_projections import checkpoints
from orderlog_projections.customer_orders.projector import PROJECTION as CUSTOMER_ORDERS
from orderlog_projections.database import ReadDatabase
from orderlog_projections.order_history.projector import PROJECTION as ORDER_HISTORY
from orderlog_projections.order_list.projector import PROJECTION as ORDER_LIST
from orderlog_projections.order_page.projector import PROJECTION as ORDER_PAGE
from orderlog_projections.projection import Projection
from orderlog_projections.sales_by_period.projector import PROJECTION as SALES_BY_PERIOD
from orderlog_projections.stock_levels.projector import PROJECTION as STOCK_LEVELS

PROJECTIONS: Final[tuple[Projection, ...]] = (
    ORDER_LIST,
    ORDER_PAGE,
    ORDER_HISTORY,
    STOCK_LEVELS,
    SALES_BY_PERIOD,
    CUSTOMER_ORDERS,
)


def open_read_models(location: Location, *, is_prepared: bool = False) -> ReadDatabase:
    """The read models that belong to a log. Raises `StoreUnavailable`.

    Tables and checkpoints are created where they are missing, unless somebody has seen to that.
    """
    database = ReadDatabase(location)
    try:
        if not is_prepared:
            database.create(PROJECTIONS)
    except BaseException:
        database.close()
        raise
    return database


def serving_positions(connection: Connection) -> dict[str, int]:
    """How far the copies have come that this code asks, by name; 0 where one was never run."""
    known = checkpoints.positions(connection)
    return {projection.name: known.get(projection.key, 0) for projection in PROJECTIONS}


def serving_keys(name: str | None = None) -> tuple[str, ...]:
    """The keys of the copies that this code asks: of all read models, or of the one named."""
    if name is None:
        return tuple(projection.key for projection in PROJECTIONS)
    return (next((one.key for one in PROJECTIONS if one.name == name), name),)


def name_of(key: str) -> str:
    """What people call the read model of which this is a copy."""
    return next((one.name for one in PROJECTIONS if one.key == key), key)


def find_projections(names: Iterable[str]) -> tuple[Projection, ...]:
    """The projections with these names; all where there is no name. Raises `LookupError`."""
    wanted = frozenset(names)
    known = {projection.name for projection in PROJECTIONS}
    if unknown := sorted(wanted - known):
        message = f"There is no read model {unknown[0]!r}; there are {', '.join(sorted(known))}."
        raise LookupError(message)
    return tuple(one for one in PROJECTIONS if not wanted or one.name in wanted)
