"""What there is to know about one order."""
