"""One row for each day (UTC), currency and channel; months are sums of days."""

from datetime import date

import msgspec

from orderlog_projections.rows import row_table


class SalesDay(msgspec.Struct, frozen=True):
    """Minor units and whole units, each booked on the day when it happened.

    `gross` is what was confirmed, `cancelled` and `returned` what was taken back later.
    `orders` and `units` are net of what was cancelled; `units` of what was returned, too.
    """

    sales_key: str
    day: date
    currency: str
    channel_id: str
    orders: int = 0
    units: int = 0
    gross: int = 0
    cancelled: int = 0
    returned: int = 0
    position: int = 0


SALES_DAYS = row_table(
    "sales_by_day", SalesDay, key=["sales_key"], indexes=[["day", "currency"]], version=2
)
