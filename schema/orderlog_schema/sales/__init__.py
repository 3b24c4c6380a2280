"""Sales by day and month."""
