"""Asked: where to get orders as a file. The address holds the filter, and no permission."""

import base64
import binascii
from dataclasses import replace
from typing import Annotated, Final

import msgspec
import strawberry
from strawberry import UNSET

from orderlog.domain.rejections import ErrorCode, Rejected
from orderlog_projections.order_list.queries import EVERY_ORDER
from orderlog_projections.order_list.queries import OrderFilter as Wanted
from orderlog_projections.reach import EVERYTHING
from orderlog_schema.execution.permits import forbidden
from orderlog_schema.fields import asked
from orderlog_schema.orders.files import ExportFormat
from orderlog_schema.orders.queries import OrderFilter, wanted_orders
from orderlog_schema.permissions import OWNERS_AND_STAFF
from orderlog_schema.principals import Principal

EXPORTS_PATH: Final = "/exports/orders"
EXPORTING: Final = OWNERS_AND_STAFF
"""For whom the address is, and what is there."""


@strawberry.type(description="Orders as a file, to be fetched.", directives=[EXPORTING])
class OrderExport:
    url: str = strawberry.field(
        description=(
            "Where to get it: a path of this server, to be asked by `GET` with the same "
            "`Authorization`. It answers with what there is then."
        )
    )
    format: ExportFormat = strawberry.field(description="What the file looks like.")


@strawberry.type
class ExportQueries:
    @asked("Orders as a file, however many: an address to fetch it from. No query.", to=EXPORTING)
    def export_orders(
        self,
        format: Annotated[ExportFormat, strawberry.argument(description="CSV or NDJSON.")],
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Which ones; all if not given.")
        ] = UNSET,
    ) -> OrderExport:
        return OrderExport(url=url_of(wanted_orders(filter, EVERYTHING), format), format=format)


def url_of(wanted: Wanted, kind: ExportFormat) -> str:
    path = f"{EXPORTS_PATH}.{kind.lower()}"
    return path if wanted == EVERY_ORDER else f"{path}?filter={_packed(wanted)}"


def _packed(wanted: Wanted) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(wanted)).rstrip(b"=").decode()


def unpacked(text: str) -> Wanted:
    """The filter in an address; all orders where there is none. Raises `INVALID_VALUE`."""
    if not text:
        return EVERY_ORDER
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return msgspec.json.decode(packed, type=Wanted)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        message = "This filter is broken; ask `exportOrders` for an address."
        raise Rejected(ErrorCode.INVALID_VALUE, message, path=("filter",)) from None


def within_reach(wanted: Wanted, principal: Principal) -> Wanted:
    """What of it a principal may be shown, whatever the address says.

    Raises `FORBIDDEN` for who may not ask at all.
    """
    if EXPORTING.audiences.isdisjoint(principal.audiences):
        raise forbidden("Query.exportOrders", EXPORTING.audiences)
    return replace(wanted, reach=principal.reach)
