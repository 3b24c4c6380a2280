"""What a process counts and measures while it works, in a registry of its own.

Names say their unit, as Prometheus wants it. Times are taken per request and per group of commands
that is committed, never per event.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
COUNTS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


class Metrics:
    """Thread-safe. `registry` is what is read."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._operations = Histogram(
            "orderlog_operation_seconds",
            "GraphQL operations over HTTP, by kind and outcome: how long they took.",
            ["operation", "outcome"],
            registry=self.registry,
            buckets=SECONDS,
        )
        self._commit_seconds = Histogram(
            "orderlog_commit_seconds",
            "How long the log took to make a group of commands durable.",
            registry=self.registry,
            buckets=SECONDS,
        )
        self._commit_events = Histogram(
            "orderlog_commit_events",
            "Events in a group of commands that was made durable together.",
            registry=self.registry,
            buckets=COUNTS,
        )

    def operation_answered(self, operation: str, outcome: str, seconds: float) -> None:
        self._operations.labels(operation, outcome).observe(seconds)

    def committed(self, events: int, seconds: float) -> None:
        """For the writer: once per group."""
        self._commit_events.observe(events)
        self._commit_seconds.observe(seconds)
