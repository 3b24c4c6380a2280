"""What all readers of the log share: following it, fanning it out live, reading it in pages."""
