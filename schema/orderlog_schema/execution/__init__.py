"""How documents are executed."""
