"""What an order platform must know: aggregates, commands and events. No I/O, no clock, no chance."""
