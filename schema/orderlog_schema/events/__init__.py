"""The log of events itself, by position."""
