"""Stock: what is on hand, reserved and available, per SKU and warehouse."""

from orderlog_schema.stock import enums as enums  # described before anything mentions them
