"""Read models: how far each of them has read the log."""
