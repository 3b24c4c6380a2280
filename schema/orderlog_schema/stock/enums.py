"""The choices that stock offers: the domain's own, described."""

from orderlog.domain.stock.commands import ReleaseReason
from orderlog_schema.scalars import describe_enum

describe_enum(
    ReleaseReason,
    "Why stock is let go.",
    {
        "CANCELLED": "The order was cancelled.",
        "REJECTED": "The order was rejected.",
        "EDITED": "The order was changed.",
        "SHORTAGE": "There was not enough of something else.",
    },
)
