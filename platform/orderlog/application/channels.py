"""Channels: where orders come from, and the terms on which each of them places an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orderlog.domain.envelope import DEFAULT_CHANNEL
from orderlog.domain.money import PriceMode, Rounding
from orderlog.domain.orders.commands import PlacementTerms
from orderlog.domain.orders.events import CaptureMode, ShortagePolicy
from orderlog.domain.rejections import ErrorCode, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Settings of one channel. Rates and amounts are on the order; these are its rules."""

    id: str = DEFAULT_CHANNEL
    order_number_prefix: str = ""
    price_mode: PriceMode = PriceMode.GROSS
    rounding: Rounding = Rounding.HALF_UP
    capture_mode: CaptureMode = CaptureMode.ON_CONFIRM
    shortage_policy: ShortagePolicy = ShortagePolicy.REJECT
    payment_window: timedelta = timedelta(hours=24)
    reservation_window: timedelta = timedelta(hours=24)

    def terms(self, order_number: str, payment_method: str, placed_at: datetime) -> PlacementTerms:
        """What an order placed at this moment is placed under."""
        return PlacementTerms(
            order_number=order_number,
            capture_mode=self.capture_mode,
            shortage_policy=self.shortage_policy,
            price_mode=self.price_mode,
            rounding=self.rounding,
            payment_method=payment_method,
            payment_due_at=placed_at + self.payment_window,
            reserve_until=placed_at + self.reservation_window,
        )


@dataclass(frozen=True, slots=True)
class Channels:
    """All channels by id."""

    by_id: Mapping[str, Channel] = field(default_factory=lambda: {DEFAULT_CHANNEL: Channel()})

    def get(self, channel_id: str) -> Channel:
        """Raises `CHANNEL_NOT_FOUND`."""
        try:
            return self.by_id[channel_id]
        except KeyError:
            message = f"There is no channel {channel_id[:40]!r}."
            raise Rejected(ErrorCode.CHANNEL_NOT_FOUND, message, path=("channelId",)) from None
