"""Channels as they are set: tenants of one platform, each with its own numbers and rules."""

from datetime import timedelta
from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from orderlog.application.channels import Channel, Channels
from orderlog.domain.envelope import DEFAULT_CHANNEL
from orderlog.domain.money import PriceMode, Rounding
from orderlog.domain.orders.events import CaptureMode, ShortagePolicy

CHANNELS_MAX: Final = 100
DEFAULT: Final = Channel()

ChannelId: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Prefix: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,16}$")]
Hours: TypeAlias = Annotated[int, Field(ge=1, le=8_760)]


class ChannelSettings(BaseModel):
    """One channel: what is not said is as in the default one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ChannelId
    order_number_prefix: Prefix = ""
    price_mode: PriceMode = DEFAULT.price_mode
    rounding: Rounding = DEFAULT.rounding
    capture_mode: CaptureMode = DEFAULT.capture_mode
    shortage_policy: ShortagePolicy = DEFAULT.shortage_policy
    payment_hours: Hours = 24
    reservation_hours: Hours = 24

    @property
    def channel(self) -> Channel:
        return Channel(
            id=self.id,
            order_number_prefix=self.order_number_prefix,
            price_mode=self.price_mode,
            rounding=self.rounding,
            capture_mode=self.capture_mode,
            shortage_policy=self.shortage_policy,
            payment_window=timedelta(hours=self.payment_hours),
            reservation_window=timedelta(hours=self.reservation_hours),
        )


def channels_of(settings: tuple[ChannelSettings, ...]) -> Channels:
    """The default channel is always there; to name it is to change its rules."""
    return Channels({DEFAULT_CHANNEL: DEFAULT, **{one.id: one.channel for one in settings}})
