"""Orders: can be asked (`commands`), can have happened (`events`), why (`order`)."""
