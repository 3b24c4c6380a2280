"""Orders: the list, the page, every command, the live streams."""
