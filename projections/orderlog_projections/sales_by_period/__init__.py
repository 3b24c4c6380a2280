"""What was sold on a day or in a month."""
