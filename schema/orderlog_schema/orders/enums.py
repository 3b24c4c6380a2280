"""The choices that orders offer: the domain's own, described."""

from enum import StrEnum

from orderlog.domain.money import PriceMode, Rounding
from orderlog.domain.orders.events import (
    AddressKind,
    CaptureMode,
    DiscountKind,
    DiscountScope,
    NoteVisibility,
    OrderSource,
    OrderStatus,
    PriceSource,
    RefundPolicy,
    ShortagePolicy,
)
from orderlog_projections.order_list.queries import OrderSort
from orderlog_projections.statuses import FulfillmentStatus, OrderPaymentStatus
from orderlog_schema.scalars import describe_enum

describe_enum(
    OrderStatus,
    "Where an order is in its life. Payment and fulfilment have statuses of their own.",
    {
        "DRAFT": "It is being put together.",
        "PENDING": "It is placed: stock is being reserved and payment authorized.",
        "CONFIRMED": "It is accepted: stock and money are secured.",
        "COMPLETED": "All is delivered and settled.",
        "REJECTED": "It could not be accepted; everything was given back.",
        "EXPIRED": "It was not paid in time.",
        "CANCELLED": "It was called off before anything was shipped.",
        "DISCARDED": "A draft that was thrown away.",
    },
)
describe_enum(
    OrderPaymentStatus,
    "How far an order is paid: derived from all of its payments.",
    {
        "NONE": "No payment was asked for.",
        "PENDING": "A payment was asked for and not answered yet.",
        "PARTIALLY_AUTHORIZED": "Less than the total is authorized.",
        "AUTHORIZED": "The total is authorized, and nothing captured yet.",
        "PARTIALLY_PAID": "Less than the total is captured.",
        "PAID": "The total is captured.",
        "OVERPAID": "More than the total is captured.",
        "PARTIALLY_REFUNDED": "Some of it was given back.",
        "REFUNDED": "All of it was given back.",
        "FAILED": "Every payment was declined or failed.",
    },
)
describe_enum(
    FulfillmentStatus,
    "How far an order is shipped and delivered: derived from its lines.",
    {
        "UNFULFILLED": "Nothing is shipped yet.",
        "BACKORDERED": "Something must arrive first.",
        "PARTIALLY_SHIPPED": "Some of it is shipped.",
        "SHIPPED": "All of it is shipped.",
        "PARTIALLY_DELIVERED": "Some of it is delivered.",
        "DELIVERED": "All of it is delivered.",
        "NOT_REQUIRED": "Nothing is to be shipped.",
        "ON_HOLD": "Somebody must look at it first.",
    },
)
describe_enum(
    OrderSource,
    "Where an order was begun.",
    {
        "WEB": "In the shop.",
        "ADMIN": "By staff.",
        "API": "By a program.",
        "IMPORT": "In another system.",
    },
)
describe_enum(
    AddressKind,
    "What an address is for.",
    {"SHIPPING": "The goods go there.", "BILLING": "The invoice goes there."},
)
describe_enum(
    PriceSource,
    "Where a unit price comes from.",
    {"CATALOG": "It is the regular price.", "OVERRIDE": "Somebody decided otherwise."},
)
describe_enum(
    DiscountKind,
    "How a discount is reckoned.",
    {
        "PERCENT": "A share of what it applies to.",
        "FIXED": "An amount.",
        "VOUCHER": "An amount, for a voucher's code.",
    },
)
describe_enum(
    DiscountScope,
    "What a discount applies to.",
    {
        "ORDER": "All lines, in proportion.",
        "LINE": "One line.",
        "SHIPPING": "The price of shipping.",
    },
)
describe_enum(
    RefundPolicy,
    "What is given back when an order is cancelled.",
    {
        "FULL": "All that was captured.",
        "NONE": "Nothing.",
        "AMOUNT": "A given amount.",
    },
)
describe_enum(
    NoteVisibility,
    "Who may read a note.",
    {"INTERNAL": "Staff only.", "CUSTOMER": "The customer, too."},
)
describe_enum(
    PriceMode,
    "Whether prices contain their tax.",
    {"GROSS": "They contain it.", "NET": "It is added to them."},
)
describe_enum(
    Rounding,
    "How a half minor unit is rounded.",
    {"HALF_UP": "Away from zero.", "HALF_EVEN": "To the even neighbour."},
)
describe_enum(
    CaptureMode,
    "When money is captured.",
    {
        "IMMEDIATE": "Together with its authorization.",
        "ON_CONFIRM": "When the order is confirmed.",
        "ON_SHIP": "When goods are shipped.",
    },
)
describe_enum(
    ShortagePolicy,
    "What becomes of an order that stock cannot cover.",
    {
        "REJECT": "It is rejected as a whole.",
        "BACKORDER": "It waits for stock.",
        "PARTIAL": "The lines that are short are cancelled.",
    },
)

describe_enum(
    OrderSort,
    "What a list of orders is sorted by; ties go by id.",
    {
        "PLACED_AT_DESC": "Newest first; drafts by when they were begun.",
        "PLACED_AT_ASC": "Oldest first; drafts by when they were begun.",
        "TOTAL_DESC": "Largest total first.",
        "TOTAL_ASC": "Smallest total first.",
        "NUMBER_DESC": "Highest number first.",
        "NUMBER_ASC": "Lowest number first.",
        "UPDATED_AT_DESC": "What changed last comes first.",
        "UPDATED_AT_ASC": "What has been quiet for longest comes first.",
    },
)


class OrderAction(StrEnum):
    EDIT = "EDIT"
    PLACE = "PLACE"
    DISCARD = "DISCARD"
    CANCEL = "CANCEL"
    CANCEL_LINES = "CANCEL_LINES"
    SHIP = "SHIP"
    DELIVER = "DELIVER"
    RETURN = "RETURN"
    ADD_NOTE = "ADD_NOTE"


describe_enum(
    OrderAction,
    "What can be done with an order in its present state.",
    {
        "EDIT": "Change its lines, addresses and discounts.",
        "PLACE": "Place it.",
        "DISCARD": "Throw the draft away.",
        "CANCEL": "Cancel all of it.",
        "CANCEL_LINES": "Cancel units of its lines.",
        "SHIP": "Record units as shipped.",
        "DELIVER": "Record units as delivered.",
        "RETURN": "Record units as returned.",
        "ADD_NOTE": "Add a note.",
    },
)
