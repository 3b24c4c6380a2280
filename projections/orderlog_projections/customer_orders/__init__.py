"""What a customer ordered."""
