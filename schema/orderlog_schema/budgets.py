"""How much each principal may still ask: a bucket of points that fills up as time goes by."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil

from orderlog_schema.limits import BUDGET_POINTS_MAX, PRINCIPALS_METERED_MAX
from orderlog_schema.principals import LOCAL, Principal


class OverBudget(Exception):
    """Too much was asked in too short a time."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Too much was asked: try again in {retry_after_seconds} s.")
        self.retry_after_seconds = retry_after_seconds


@dataclass(slots=True)
class Bucket:
    points: float
    seconds: float
    """When it held so many."""


class Budgets:
    """The buckets of one process. 0 points per second mean that nothing is metered."""

    def __init__(
        self,
        points_per_second: float = 0,
        local_points_per_second: float = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = points_per_second
        self._local_rate = local_points_per_second
        self._clock = clock
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, principal: Principal, points: int) -> int | None:
        """What is left; None where nothing is metered. Raises `OverBudget`, and takes nothing."""
        rate = self._local_rate if principal is LOCAL else self._rate
        if not rate:
            return None
        bucket = self._filled((principal.kind, principal.id, principal.channel_id), rate)
        if points > bucket.points:
            raise OverBudget(ceil((points - bucket.points) / rate))
        bucket.points -= points
        return int(bucket.points)

    def _filled(self, key: Hashable, rate: float) -> Bucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(BUDGET_POINTS_MAX, now)
            if len(self._buckets) > PRINCIPALS_METERED_MAX:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        bucket.points = min(BUDGET_POINTS_MAX, bucket.points + (now - bucket.seconds) * rate)
        bucket.seconds = now
        return bucket
