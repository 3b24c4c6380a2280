"""What an order platform must know: aggregates, commands, events. No I/O, no clock, no chance."""
