"""Orders: the list, the page, every command, the live streams."""

from orderlog_schema.orders import enums as enums  # described before anything mentions them
