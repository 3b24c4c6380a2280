"""Commands in, events out: the bus, the writer behind it, and what a command needs on the way."""
