"""The event log: the `eventsourcing` library's recorders behind our settings, codec and appends."""
