"""The sandbox does what the payment method says, and charges each key once."""

from dataclasses import dataclass

import pytest

from orderlog.domain.payments.events import PaymentOperation
from orderlog.gateways.port import (
    Answer,
    Authorized,
    Captured,
    Charge,
    Declined,
    Failed,
    GatewayKey,
    Refunded,
    Unknown,
    Voided,
)
from orderlog.gateways.registry import Gateways, gateway_name
from orderlog.gateways.sandbox import SandboxGateway

PAYMENT = "0190b6f0-0000-7000-8000-000000000001"
AUTHORIZE = GatewayKey(PAYMENT, PaymentOperation.AUTHORIZE)
CAPTURE = GatewayKey(PAYMENT, PaymentOperation.CAPTURE, "c1")
VOID = GatewayKey(PAYMENT, PaymentOperation.VOID)
REFUND = GatewayKey(PAYMENT, PaymentOperation.REFUND, "r1")


def charge(behaviour: str) -> Charge:
    return Charge(order_id="order", method=f"sandbox:{behaviour}", amount_minor=250, currency="GBP")


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_who_cannot_listen_is_no_trouble_of_the_sandbox() -> None:
    async def fall_asleep(*_: object) -> None:
        raise OSError("gone fishing")

    sandbox = SandboxGateway()
    sandbox.listen(fall_asleep)
    assert isinstance(await sandbox.authorize(AUTHORIZE, charge("twice")), Authorized)
    await sandbox.notified()


async def test_it_approves_whatever_it_does_not_know() -> None:
    for behaviour in ("approve", "", "nonsense"):
        sandbox = SandboxGateway()
        assert isinstance(await sandbox.authorize(AUTHORIZE, charge(behaviour)), Authorized)
        assert isinstance(await sandbox.capture(CAPTURE, charge(behaviour)), Captured)
        assert isinstance(await sandbox.refund(REFUND, charge(behaviour)), Refunded)
        assert isinstance(await sandbox.void(VOID, charge(behaviour)), Voided)


async def test_the_same_key_gets_the_same_answer_and_moves_money_once() -> None:
    sandbox = SandboxGateway()
    answers = [await sandbox.capture(CAPTURE, charge("approve")) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert sandbox.moved(PaymentOperation.CAPTURE) == 250
    assert sandbox.ledger[CAPTURE].asked == 3
    assert await SandboxGateway().capture(CAPTURE, charge("approve")) == answers[0]


async def test_it_declines_for_good_or_only_once() -> None:
    sandbox = SandboxGateway()
    declined = await sandbox.authorize(AUTHORIZE, charge("decline"))
    assert isinstance(declined, Declined)
    assert not declined.retryable

    sandbox = SandboxGateway()
    first = await sandbox.authorize(AUTHORIZE, charge("decline-once"))
    assert isinstance(first, Declined)
    assert first.retryable
    other = AUTHORIZE._replace(payment_id="0190b6f0-0000-7000-8000-000000000002")
    assert isinstance(await sandbox.authorize(other, charge("decline-once")), Authorized)
    assert sandbox.moved(PaymentOperation.AUTHORIZE) == 250


async def test_it_fails_where_it_is_told_to() -> None:
    sandbox = SandboxGateway()
    assert isinstance(await sandbox.authorize(AUTHORIZE, charge("fail")), Failed)
    assert isinstance(await sandbox.capture(CAPTURE, charge("decline-capture")), Failed)
    assert isinstance(await sandbox.refund(REFUND, charge("fail-refund")), Failed)


@pytest.mark.parametrize(
    ("behaviour", "after_seconds", "heard"),
    [
        ("timeout", 0, Authorized),
        ("late", 1, Unknown),
        ("late", 5, Authorized),
        ("lost", 99, Unknown),
    ],
)
async def test_what_it_kept_silent_about_can_be_asked_for(
    behaviour: str, after_seconds: float, heard: type[Answer]
) -> None:
    clock = Clock()
    sandbox = SandboxGateway(late_seconds=5, clock=clock)
    assert isinstance(await sandbox.authorize(AUTHORIZE, charge(behaviour)), Unknown)
    clock.seconds = after_seconds

    assert isinstance(await sandbox.query(AUTHORIZE), heard)
    assert sandbox.moved(PaymentOperation.AUTHORIZE) == 250


async def test_a_key_that_it_never_saw_is_unknown() -> None:
    assert isinstance(await SandboxGateway().query(AUTHORIZE), Unknown)


async def test_it_can_say_the_same_thing_twice() -> None:
    heard: list[tuple[GatewayKey, Answer]] = []

    async def hear(key: GatewayKey, answer: Answer) -> None:
        heard.append((key, answer))

    sandbox = SandboxGateway()
    sandbox.listen(hear)
    answer = await sandbox.authorize(AUTHORIZE, charge("twice"))
    await sandbox.notified()
    assert heard == [(AUTHORIZE, answer)]


def test_keys_can_be_written_down_and_read_again() -> None:
    assert [GatewayKey.parse(str(key)) for key in (AUTHORIZE, CAPTURE)] == [AUTHORIZE, CAPTURE]


def test_a_method_names_its_gateway() -> None:
    sandbox = SandboxGateway()
    gateways = Gateways({"sandbox": sandbox})
    assert gateways.find(gateway_name("sandbox:decline")) is sandbox
    assert gateways.find(gateway_name("invoice")) is None


async def test_it_remembers_the_newest_only() -> None:
    sandbox = SandboxGateway(operations_kept_max=3)
    keys = [GatewayKey(f"payment-{n}", PaymentOperation.AUTHORIZE) for n in range(5)]
    for key in keys:
        await sandbox.authorize(key, charge("approve"))
    assert list(sandbox.ledger) == keys[2:]
    assert isinstance(await sandbox.query(keys[0]), Unknown)
