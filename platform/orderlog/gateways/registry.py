"""Which gateway a payment method belongs to: `sandbox:approve` is the sandbox's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orderlog.gateways.port import PaymentGateway


def gateway_name(method: str) -> str:
    """What stands before the first colon of a payment method."""
    return method.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Gateways:
    """All gateways by name."""

    by_name: Mapping[str, PaymentGateway]

    def find(self, name: str) -> PaymentGateway | None:
        return self.by_name.get(name)

    def all(self) -> Iterable[PaymentGateway]:
        return self.by_name.values()
