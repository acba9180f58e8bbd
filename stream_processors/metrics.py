"""What the processors count and measure, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from stream_processors.plain_metrics import AgeHistogram, PartitionCounter

_CHECKPOINT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_AGE_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 120)


class ProcessorMetrics:
    """The metrics of one worker, on a registry of their own; partitions are labels, agents never are."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.records = PartitionCounter("promethios_processors_records", "Records absorbed.", self.registry)
        self.events = PartitionCounter(
            "promethios_processors_events", "Rows in absorbed records, repeats included.", self.registry
        )
        self.outputs = Counter(
            "promethios_processors_outputs", "Derived events acknowledged.", registry=self.registry
        )
        self.dead_letters = Counter(
            "promethios_processors_dead_letters",
            "Records given up: unreadable, or a rule failed.",
            ["cause"],
            registry=self.registry,
        )
        self.checkpoints = Histogram(
            "promethios_processors_checkpoint_seconds",
            "Time to store a partition's checkpoint.",
            buckets=_CHECKPOINT_BUCKETS,
            registry=self.registry,
        )
        self.stored_age = AgeHistogram(
            "promethios_processors_stored_age_seconds",
            "Wall clock minus append time of records with rows, when their effect is stored and published.",
            _AGE_BUCKETS,
            self.registry,
        )
        self.checkpoint_failures = Counter(
            "promethios_processors_checkpoint_failures",
            "Attempts to store a checkpoint that the broker refused.",
            registry=self.registry,
        )
        self.state_bytes = Counter(
            "promethios_processors_state_written_bytes",
            "State written, with its keys, not compressed.",
            registry=self.registry,
        )
        self.agents = self._by_partition("agents", "Agents held in memory.")
        self.lag = self._by_partition(
            "lag_records", "Records between the newest tick in the log and the stored fence."
        )
        self.halted = self._by_partition(
            "halted", "1 where reading has halted because too much went to the dead letters."
        )
        self.stored_offset = self._by_partition(
            "stored_offset", "The last offset whose effect is stored and acknowledged."
        )
        self.tick_age = self._by_partition(
            "clock_age_seconds", "Wall clock minus the append time of the last record absorbed."
        )

    def count_absorbed(self, partition: int, records: int, rows: int) -> None:
        """Count so many records, which have so many rows together."""
        self.records.add(partition, records)
        self.events.add(partition, rows)

    def _by_partition(self, name: str, documentation: str) -> Gauge:
        return Gauge(f"promethios_processors_{name}", documentation, ["partition"], registry=self.registry)
