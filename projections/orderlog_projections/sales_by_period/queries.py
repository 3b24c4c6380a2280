"""Asking for sales: by day, or by month as the sum of its days."""

from datetime import date
from enum import StrEnum
from itertools import groupby, islice
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from orderlog.domain.money import exponent_of
from orderlog_projections.columns import storable
from orderlog_projections.reach import EVERYTHING, Reach
from orderlog_projections.sales_by_period.tables import SALES_DAYS, SalesDay

NAME: Final = "sales_by_period"
PERIODS_MAX: Final = 1_000
CHANNELS_MAX: Final = 100
_DAYS_IN_MONTH_MAX: Final = 31


class SalesPeriod(StrEnum):
    DAY = "DAY"
    MONTH = "MONTH"


class Sales(msgspec.Struct, frozen=True):
    """`revenue = gross − cancelled − returned`, in minor units of `currency`.

    `start` is the first day of the period (UTC); `label` reads 2010-12-01 or 2010-12.
    """

    period: SalesPeriod
    start: date
    label: str
    currency: str
    exponent: int
    orders: int
    units: int
    gross: int
    cancelled: int
    returned: int
    revenue: int


def list_sales(
    connection: Connection,
    period: SalesPeriod,
    *,
    currency: str | None = None,
    start: date | None = None,
    before: date | None = None,
    reach: Reach = EVERYTHING,
    limit: int = PERIODS_MAX,
) -> list[Sales]:
    """Periods with sales between two days, oldest first, then by currency; at most 1,000.

    A month counts those of its days that are asked for; a day, the channels within reach.
    """
    c = SALES_DAYS.c
    conditions = [
        *reach.conditions(c),
        *([c.currency == storable(currency)] if currency is not None else []),
        *([c.day >= start.isoformat()] if start is not None else []),
        *([c.day < before.isoformat()] if before is not None else []),
    ]
    limit = max(0, min(limit, PERIODS_MAX))
    is_month = period is SalesPeriod.MONTH
    start_of = _month if is_month else _day
    query = (
        sa.select(*SALES_DAYS.table.columns)
        .where(*conditions)
        .order_by(
            sa.func.substr(c.day, 1, len("2010-12")) if is_month else c.day, c.currency, c.day
        )
        .limit(limit * CHANNELS_MAX * (_DAYS_IN_MONTH_MAX if is_month else 1))
    )
    days = (SALES_DAYS.load(tuple(values)) for values in connection.execute(query))
    periods = groupby(days, key=lambda day: (start_of(day), day.currency))
    summed = (_summed(period, first, list(group)) for (first, _), group in periods)
    return list(islice(summed, limit))


def _day(day: SalesDay) -> date:
    return day.day


def _month(day: SalesDay) -> date:
    return day.day.replace(day=1)


def _summed(period: SalesPeriod, start: date, days: list[SalesDay]) -> Sales:
    gross = sum(day.gross for day in days)
    cancelled = sum(day.cancelled for day in days)
    returned = sum(day.returned for day in days)
    return Sales(
        period=period,
        start=start,
        label=start.isoformat() if period is SalesPeriod.DAY else f"{start:%Y-%m}",
        currency=days[0].currency,
        exponent=exponent_of(days[0].currency),
        orders=sum(day.orders for day in days),
        units=sum(day.units for day in days),
        gross=gross,
        cancelled=cancelled,
        returned=returned,
        revenue=gross - cancelled - returned,
    )
