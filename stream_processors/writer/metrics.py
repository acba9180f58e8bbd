"""The writer's Prometheus metrics."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class WriterMetrics:
    """All of them, in a registry of their own."""

    def __init__(self) -> None:
        """Register each metric once."""
        self.registry = CollectorRegistry()
        self.rows = self._counter("rows", "Rows stored", "table")
        self.bytes = self._counter("bytes", "NDJSON bytes stored", "table")
        self.inserts = self._counter("inserts", "Inserts answered, by outcome", "table", "outcome")
        self.repeats = self._counter("repeated_rows", "Rows left out as repeats of an earlier batch")
        self.dead_letters = self._counter("dead_letters", "Records and rows given up", "stage")
        self.insert_seconds = Histogram(
            "promethios_writer_insert_seconds",
            "Duration of an insert",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.lag = Gauge(
            "promethios_writer_lag_records",
            "Records in the log that are not stored yet",
            ["topic", "partition"],
            registry=self.registry,
        )
        self.unstored = Gauge(
            "promethios_writer_unstored_seconds",
            "For how long the oldest record that was read and is not stored has been in the log",
            ["topic", "partition"],
            registry=self.registry,
        )
        self.halted = Gauge(
            "promethios_writer_halted",
            "1 where reading has halted because too much went to the dead letters",
            ["topic", "partition"],
            registry=self.registry,
        )
        self.freshness = Gauge(
            "promethios_writer_freshness_seconds",
            "Age of the newest event of the last chunk when it was stored",
            registry=self.registry,
        )

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(f"promethios_writer_{name}", description, labels, registry=self.registry)
