"""Stock: what is on hand, reserved and available, per SKU and warehouse."""
