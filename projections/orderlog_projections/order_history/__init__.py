"""What happened to one order, when, and who did it."""
