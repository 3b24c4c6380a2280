"""Process managers: how far a placement is, and what an operator can do about it."""
