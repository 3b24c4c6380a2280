"""Read models: how far each of them has read the log, and what it has set aside."""
