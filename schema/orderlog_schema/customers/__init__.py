"""Customers: their orders and what these add up to."""
