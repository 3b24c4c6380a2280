"""What each event says in one line. Texts that may be redacted later are never repeated here."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from orderlog.domain.aggregate import Event
from orderlog.domain.money import Money
from orderlog.domain.orders import events as orders
from orderlog.domain.payments import events as payments
from orderlog.domain.processes import events as processes


def _money(amount_minor: int, currency: str) -> str:
    return f"{Money(amount_minor, currency).amount} {currency}"


def _words(name: str) -> str:
    """`PARTIALLY_SHIPPED` and `authorizePayment` as they would be said."""
    return name.replace("_", " ").replace("-", " ").lower()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _units(lines: list[orders.LineQuantity]) -> str:
    return _counted(sum(entry.quantity for entry in lines), "unit")


def _drafted(event: orders.OrderDrafted) -> str:
    who = f"customer {event.customer_id}" if event.customer_id else "a guest"
    return f"Order begun for {who}, in {event.currency}"


def _line_added(event: orders.OrderLineAdded) -> str:
    return f"Line added: {event.quantity} × {event.sku} at {event.unit_price.text}"


def _quantity_changed(event: orders.OrderLineQuantityChanged) -> str:
    return f"Quantity changed from {event.from_quantity} to {event.to_quantity}"


def _address_set(event: orders.OrderAddressSet) -> str:
    return f"{event.kind.capitalize()} address set: {event.country}"


def _discount_applied(event: orders.DiscountApplied) -> str:
    return f"Discount applied to the {event.scope.lower()}" + (
        f" with code {event.code}" if event.code else ""
    )


def _customer_assigned(event: orders.OrderCustomerAssigned) -> str:
    return f"Order given to customer {event.customer_id}"


def _placed(event: orders.OrderPlaced | orders.OrderImported) -> str:
    lines, total = _counted(len(event.lines), "line"), _money(event.grand_total, event.currency)
    return f"Order {event.order_number} placed: {lines}, {total}"


def _imported(event: orders.OrderImported) -> str:
    return f"{_placed(event)} (imported from {event.source})"


def _confirmed(event: orders.OrderConfirmed) -> str:
    total = _money(event.grand_total, event.currency)
    return f"Order confirmed: {_counted(event.units, 'unit')}, {total}"


def _rejected(event: orders.OrderRejected) -> str:
    skus = ", ".join(dict.fromkeys(item.sku for item in event.items))
    return f"Order rejected: {_words(event.code)}" + (f" ({skus})" if skus else "")


def _cancelled(event: orders.OrderCancelled) -> str:
    return f"Order cancelled: {_words(event.reason_code)}"


def _lines_cancelled(event: orders.OrderLinesCancelled) -> str:
    refund = _money(event.refund_minor, event.currency)
    return f"{_units(event.lines)} cancelled ({_words(event.reason_code)}), {refund} to refund"


def _lines_returned(event: orders.OrderLinesReturned) -> str:
    return f"{_units(event.lines)} returned, {_money(event.refund_minor, event.currency)} to refund"


def _note_added(event: orders.OrderNoteAdded) -> str:
    return f"Note added for {'staff' if event.visibility == 'INTERNAL' else 'the customer'}"


def _payment_requested(event: payments.PaymentRequested) -> str:
    return f"Payment of {_money(event.amount, event.currency)} requested by {event.method}"


def _outcome_unknown(event: payments.PaymentOutcomeUnknown) -> str:
    return f"The gateway did not answer: outcome of {_words(event.operation)} unknown"


def _step_requested(event: processes.StepRequested) -> str:
    attempt = f" (attempt {event.attempt})" if event.attempt > 1 else ""
    return f"Step asked for: {_words(event.step)}{attempt}"


def _step_failed(event: processes.StepFailed) -> str:
    then = ", will be tried again" if event.retry_at else ""
    return f"Step failed: {_words(event.step)} ({_words(event.code)}){then}"


def _stuck(event: processes.ProcessStuck) -> str:
    attempts = _counted(event.attempts, "attempt")
    return f"Process stuck at {_words(event.step)} after {attempts}: {_words(event.code)}"


SENTENCES: Final[Mapping[type[Event], Callable[[Any], str]]] = {
    orders.OrderDrafted: _drafted,
    orders.OrderLineAdded: _line_added,
    orders.OrderLineQuantityChanged: _quantity_changed,
    orders.OrderLineRemoved: lambda _: "Line removed",
    orders.OrderAddressSet: _address_set,
    orders.ShippingMethodSelected: lambda event: f"Shipping method chosen: {event.name}",
    orders.DiscountApplied: _discount_applied,
    orders.DiscountRemoved: lambda _: "Discount removed",
    orders.OrderCustomerAssigned: _customer_assigned,
    orders.DraftDiscarded: lambda _: "Draft discarded",
    orders.OrderPlaced: _placed,
    orders.OrderImported: _imported,
    orders.OrderConfirmed: _confirmed,
    orders.OrderRejected: _rejected,
    orders.OrderExpired: lambda _: "Order expired: it was not paid in time",
    orders.OrderCancelled: _cancelled,
    orders.OrderLinesCancelled: _lines_cancelled,
    orders.OrderLinesShipped: lambda event: f"{_units(event.lines)} shipped",
    orders.OrderLinesDelivered: lambda event: f"{_units(event.lines)} delivered",
    orders.OrderLinesReturned: _lines_returned,
    orders.OrderNoteAdded: _note_added,
    orders.OrderNoteRedacted: lambda _: "Note redacted",
    payments.PaymentRequested: _payment_requested,
    payments.PaymentAuthorized: lambda _: "Payment authorized",
    payments.PaymentDeclined: lambda event: f"Payment declined: {_words(event.code)}",
    payments.PaymentFailed: lambda event: f"Payment failed: {_words(event.code)}",
    payments.PaymentOutcomeUnknown: _outcome_unknown,
    payments.CaptureRequested: lambda _: "Capture requested",
    payments.PaymentCaptured: lambda _: "Payment captured",
    payments.CaptureFailed: lambda event: f"Capture failed: {_words(event.code)}",
    payments.VoidRequested: lambda _: "Void requested",
    payments.PaymentVoided: lambda _: "Payment voided",
    payments.RefundRequested: lambda event: f"Refund requested: {_words(event.reason_code)}",
    payments.RefundSucceeded: lambda _: "Payment refunded",
    payments.RefundFailed: lambda event: f"Refund failed: {_words(event.code)}",
    payments.GatewayNotificationRecorded: lambda event: f"The gateway said: {_words(event.kind)}",
    processes.ProcessStarted: lambda event: f"Process started: {_words(event.kind)}",
    processes.StepRequested: _step_requested,
    processes.StepSucceeded: lambda event: f"Step done: {_words(event.step)}",
    processes.StepFailed: _step_failed,
    processes.CompensationStarted: lambda event: f"Undoing begins: {_words(event.reason)}",
    processes.StepCompensated: lambda event: f"Step undone: {_words(event.step)}",
    processes.ProcessCompleted: lambda event: f"Process over: {_words(event.outcome)}",
    processes.ProcessStuck: _stuck,
    processes.InterventionApplied: lambda event: f"An operator decided: {_words(event.action)}",
}
