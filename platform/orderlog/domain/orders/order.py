"""An order: from a draft to its placement, and what can still happen to it then.

The rest of it: `state` (what it remembers), `drafting` and `fulfilling` (what is decided before
and after), `lines` and `totals` (how units and amounts are counted).
"""

from dataclasses import fields
from typing import Self, assert_never

from orderlog.domain.envelope import EnvelopeSequence
from orderlog.domain.money import Rounding, exponent_of
from orderlog.domain.orders.commands import (
    AddOrderLine,
    AddOrderNote,
    ApplyDiscount,
    AssignCustomer,
    CancelOrder,
    CancelOrderLines,
    ChangeOrderLineQuantity,
    ConfirmOrder,
    CreateDraftOrder,
    DiscardDraft,
    ExpireOrder,
    ImportOrder,
    OrderCommand,
    PlacementTerms,
    PlaceOrder,
    RecordLinesDelivered,
    RecordLinesReturned,
    RecordLinesShipped,
    RedactOrderNote,
    RejectOrder,
    RemoveDiscount,
    RemoveOrderLine,
    SelectShippingMethod,
    SetOrderAddress,
)
from orderlog.domain.orders.drafting import Drafting
from orderlog.domain.orders.events import (
    AddressKind,
    OrderCancelled,
    OrderConfirmed,
    OrderDrafted,
    OrderExpired,
    OrderImported,
    OrderNoteAdded,
    OrderNoteRedacted,
    OrderPlaced,
    OrderRejected,
    OrderStatus,
    RefundPolicy,
)
from orderlog.domain.orders.fulfilling import Fulfilling
from orderlog.domain.orders.importing import imported_totals, require_import
from orderlog.domain.orders.lines import already_exists
from orderlog.domain.orders.totals import Pricing, Shipping, Totals, totals_of
from orderlog.domain.rejections import ErrorCode, Rejected, invalid_state
from orderlog.domain.values import (
    require_canonical_uuid,
    require_note,
    require_reason,
    require_text,
)


class Order(Drafting, Fulfilling):
    TOPIC = "order"

    @classmethod
    def begin(cls, command: CreateDraftOrder | ImportOrder, envelopes: EnvelopeSequence) -> Self:
        match command:
            case CreateDraftOrder():
                return cls._begin_draft(command, envelopes)
            case ImportOrder():
                return cls._begin_import(command, envelopes)

    def handle(self, command: OrderCommand, envelopes: EnvelopeSequence) -> None:  # noqa: C901, PLR0912 - an arm each
        match command:
            case CreateDraftOrder() | ImportOrder():
                raise already_exists("order", "orderId")
            case AddOrderLine():
                self.add_line(command, envelopes)
            case ChangeOrderLineQuantity():
                self.change_quantity(command, envelopes)
            case RemoveOrderLine():
                self.remove_line(command, envelopes)
            case SetOrderAddress():
                self.set_address(command, envelopes)
            case SelectShippingMethod():
                self.select_shipping(command, envelopes)
            case ApplyDiscount():
                self.apply_discount(command, envelopes)
            case RemoveDiscount():
                self.remove_discount(command, envelopes)
            case AssignCustomer():
                self.assign_customer(command, envelopes)
            case DiscardDraft():
                self.discard(command, envelopes)
            case PlaceOrder():
                self.place(command, envelopes)
            case ConfirmOrder():
                self.confirm(command, envelopes)
            case RejectOrder():
                self.reject(command, envelopes)
            case ExpireOrder():
                self.expire(command, envelopes)
            case CancelOrder():
                self.cancel(command, envelopes)
            case CancelOrderLines():
                self.cancel_lines(command, envelopes)
            case RecordLinesShipped():
                self.record_shipped(command, envelopes)
            case RecordLinesDelivered():
                self.record_delivered(command, envelopes)
            case RecordLinesReturned():
                self.record_returned(command, envelopes)
            case AddOrderNote():
                self.add_note(command, envelopes)
            case RedactOrderNote():
                self.redact_note(command, envelopes)
            case _:
                assert_never(command)

    def place(self, command: PlaceOrder, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.DRAFT)
        self._require_complete()
        require_text(command.terms.order_number, "orderNumber")
        totals = self._totals(command.terms)
        expected = command.expected_total_minor
        if expected is not None and expected != totals.grand_total:
            message = "The total is another than expected."
            raise Rejected(ErrorCode.PRICE_CHANGED, message, was=expected, now=totals.grand_total)
        self.record(envelopes, OrderPlaced, **_fields_of(totals), **_fields_of(command.terms))

    def confirm(self, command: ConfirmOrder, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.PENDING)
        if command.authorized_minor < self.grand_total:
            message = "Less is authorized than this order costs."
            raise Rejected(
                ErrorCode.PAYMENT_REQUIRED,
                message,
                required=self.grand_total,
                authorized=command.authorized_minor,
            )
        self.record(
            envelopes,
            OrderConfirmed,
            reservation_ids=list(command.reservation_ids),
            payment_ids=list(command.payment_ids),
            currency=self.currency,
            grand_total=self.grand_total,
            units=self._remaining_units(),
        )

    def reject(self, command: RejectOrder, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.PENDING)
        require_text(command.code, "code")
        self.record(envelopes, OrderRejected, code=command.code, items=list(command.items))

    def expire(self, command: ExpireOrder, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.PENDING)
        due_at = self.payment_due_at
        if due_at is None or command.now < due_at:
            raise invalid_state(
                self.status, OrderStatus.PENDING, because="The payment is not due yet."
            )
        if command.has_money_in_flight:
            raise invalid_state(
                self.status, OrderStatus.PENDING, because="A payment of this order is in flight."
            )
        self.record(envelopes, OrderExpired, due_at=due_at)

    def cancel(self, command: CancelOrder, envelopes: EnvelopeSequence) -> None:
        self.require(OrderStatus.PENDING, OrderStatus.CONFIRMED)
        self.require_nothing_shipped()
        require_reason(command.reason_code)
        if command.note is not None:
            require_note(command.note)
        self._require_cancel_amount(command)
        was_confirmed = self.status is OrderStatus.CONFIRMED
        self.record(
            envelopes,
            OrderCancelled,
            reason_code=command.reason_code,
            note=command.note,
            restock=command.restock,
            refund=command.refund,
            amount=command.amount_minor,
            from_status=self.status,
            currency=self.currency,
            reversed_total=self._remaining_total() if was_confirmed else 0,
            reversed_units=self._remaining_units() if was_confirmed else 0,
        )

    def add_note(self, command: AddOrderNote, envelopes: EnvelopeSequence) -> None:
        require_text(command.note_id, "noteId")
        require_note(command.text)
        if command.note_id in self.is_note_redacted:
            raise already_exists("note", "noteId")
        self.record(
            envelopes,
            OrderNoteAdded,
            note_id=command.note_id,
            text=command.text,
            visibility=command.visibility,
        )

    def redact_note(self, command: RedactOrderNote, envelopes: EnvelopeSequence) -> None:
        """The state keeps no text of notes: there is nothing to forget but the note itself."""
        is_redacted = self.is_note_redacted.get(command.note_id)
        if is_redacted is None:
            message = "This order has no such note."
            raise Rejected(ErrorCode.NOTE_NOT_FOUND, message, path=("noteId",))
        if not is_redacted:
            self.record(envelopes, OrderNoteRedacted, note_id=command.note_id)

    @classmethod
    def _begin_draft(cls, command: CreateDraftOrder, envelopes: EnvelopeSequence) -> Self:
        require_canonical_uuid(command.order_id, "orderId")
        exponent_of(command.currency)
        require_text(command.locale, "locale")
        if command.customer_id is not None:
            require_text(command.customer_id, "customerId")
        return cls.start(
            command.stream_id,
            envelopes,
            OrderDrafted,
            order_id=command.order_id,
            channel_id=envelopes.metadata.channel_id,
            currency=command.currency,
            customer_id=command.customer_id,
            guest_email_ref=command.guest_email,
            locale=command.locale,
            source=command.source,
        )

    @classmethod
    def _begin_import(cls, command: ImportOrder, envelopes: EnvelopeSequence) -> Self:
        require_import(command)
        return cls.start(
            command.stream_id,
            envelopes,
            OrderImported,
            order_id=command.order_id,
            channel_id=envelopes.metadata.channel_id,
            source=command.source,
            external_id=command.external_id,
            placed_at=command.placed_at,
            customer_id=command.customer_id,
            guest_email_ref=command.guest_email,
            country=command.country,
            **_fields_of(imported_totals(command)),
            **_fields_of(command.terms),
        )

    def _totals(self, terms: PlacementTerms) -> Totals:
        pricing = Pricing(
            currency=self.currency, price_mode=terms.price_mode, rounding=terms.rounding
        )
        lines = list(self.lines.values())
        if terms.rounding is not Rounding.HALF_UP:
            lines = [line.rounded(self.currency, terms.rounding) for line in lines]
        shipping = self.shipping or Shipping()
        return totals_of(lines, list(self.discounts.values()), shipping, pricing)

    def _require_complete(self) -> None:
        if not self.lines:
            raise Rejected(ErrorCode.ORDER_EMPTY, "This order has no lines.")
        if self.customer_id is None and not self.has_guest_email:
            message = "An order needs a customer or the e-mail address of a guest."
            raise Rejected(ErrorCode.CUSTOMER_REQUIRED, message)
        if not any(line.requires_shipping for line in self.lines.values()):
            return
        if AddressKind.SHIPPING not in self.addresses:
            kind = AddressKind.SHIPPING.value
            message = "Something in this order is shipped, and needs an address."
            raise Rejected(ErrorCode.ADDRESS_REQUIRED, message, kind=kind)
        if self.shipping is None:
            message = "Something in this order is shipped, and needs a shipping method."
            raise Rejected(ErrorCode.SHIPPING_METHOD_REQUIRED, message)

    def _require_cancel_amount(self, command: CancelOrder) -> None:
        amount, maximum = command.amount_minor, self._remaining_total()
        if (command.refund is RefundPolicy.AMOUNT) != (amount is not None):
            message = "Refund AMOUNT, and no other, comes with an amount."
            raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=("amount",))
        if amount is None:
            return
        if amount <= 0:
            message = "A refund is more than nothing."
            raise Rejected(ErrorCode.INVALID_AMOUNT, message, path=("amount",))
        if amount > maximum:
            message = f"At most {maximum} minor units are left of this order."
            raise Rejected(
                ErrorCode.REFUND_EXCEEDS_REFUNDABLE, message, path=("amount",), max=maximum
            )

    def _remaining_total(self) -> int:
        return self.grand_total - self.refunded_minor

    def _remaining_units(self) -> int:
        return sum(line.ordered - line.cancelled for line in self.lines.values())


def _fields_of(part: Totals | PlacementTerms) -> dict[str, object]:
    return {field.name: getattr(part, field.name) for field in fields(part)}
