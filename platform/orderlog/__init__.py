"""The core of `orderlog`: domain, event store, commands, consumers and processes."""

__version__ = "0.1.0"
