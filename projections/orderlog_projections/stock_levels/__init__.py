"""How much of a product there is, and how much is promised."""
