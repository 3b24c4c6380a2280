"""Read models: what the log's events add up to, kept in tables and asked by queries."""
