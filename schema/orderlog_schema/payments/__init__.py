"""Payments: one per attempt; captures, voids and refunds."""
