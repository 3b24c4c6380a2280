"""Payments, one per attempt or instrument: can be asked, can have happened, why."""
