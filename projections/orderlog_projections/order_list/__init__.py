"""Which orders there are, and how they stand."""
