"""That a page is written by whoever owns its read models, checked in the page's transaction."""

from collections.abc import Collection

from sqlalchemy import Connection

from orderlog.eventstore import claims
from orderlog.eventstore.claims import Claim


def require_held(connection: Connection, held: Collection[Claim]) -> None:
    """Until the transaction ends nobody else can own them. Raises `NotOwner`."""
    claims.require_held(
        held, lambda query, params: connection.exec_driver_sql(query, params).scalar_one()
    )
