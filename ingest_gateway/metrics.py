"""What the gateway counts; no agent is a label."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.problems import ErrorKind
from schemas.block import Kind

_ACK_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0)
_AGE_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 3600.0, 86400.0)


class GatewayMetrics(Collector):
    """All metrics of one process in a registry of its own.

    What is counted on each request are plain integers, handed out when somebody asks: prometheus_client's own
    counters take a lock and 0.4 µs each, its histograms 1.5 µs.
    """

    def __init__(self, worker: int) -> None:
        """`worker` tells the processes that share a port apart."""
        self.worker = worker
        self.registry = CollectorRegistry()
        self.abandoned = 0
        self.dropped = 0
        self.refused_records: Counter[str] = Counter()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._rejections: Counter[str] = Counter()
        self._rows: Counter[Kind] = Counter()
        self._wire_bytes = self._content_bytes = 0
        self._ages = [0] * (len(_AGE_BUCKETS) + 1)
        self._age_sum = 0.0
        self.unacknowledged_bytes = self._gauge(
            "unacknowledged_bytes", "Bytes that wait for Kafka's acknowledgement."
        )
        self.unacknowledged_limit = self._gauge(
            "unacknowledged_limit_bytes", "How many may wait before reports are answered 503."
        )
        self.reading_bytes = self._gauge(
            "reading_bytes", "Bytes of bodies not complete, not unpacked, or not worked on yet."
        )
        self.connections = self._gauge("connections", "Open connections.")
        self.log_full = self._gauge(
            "log_full", "1 while reports are refused because the broker's log or disk is full."
        )
        self.acknowledged = Histogram(
            "promethios_gateway_kafka_ack_seconds",
            "From closing a block to Kafka's acknowledgement.",
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)

    def count_request(self, route: str, status: int) -> None:
        """An answered request."""
        self._requests[route, status] += 1

    def count_refusal(self, route: str, kind: ErrorKind) -> None:
        """A request that is answered with an error."""
        self._requests[route, kind.status] += 1
        self._rejections[kind.tag] += 1

    def count_rejection(self, kind: ErrorKind) -> None:
        """Something that never became a request of a route."""
        self._rejections[kind.tag] += 1

    def count_body(self, wire_bytes: int, content_bytes: int) -> None:
        """A body, as it was sent and as it was meant."""
        self._wire_bytes += wire_bytes
        self._content_bytes += content_bytes

    def count_block(self, kind: Kind, rows: int, seconds: float) -> None:
        """A block that Kafka has, and how long it took."""
        self._rows[kind] += rows
        self.acknowledged.observe(seconds)

    def observe_age(self, seconds: float) -> None:
        """How long before its request an event happened; what is to come, by its clock, counts as 0."""
        self._ages[bisect_left(_AGE_BUCKETS, seconds)] += 1
        self._age_sum += max(seconds, 0.0)

    def collect(self) -> Iterable[Metric]:
        """The plain integers in Prometheus' form."""
        yield _counter(
            "requests",
            "Answered requests.",
            ("route", "status"),
            [((route, str(status)), count) for (route, status), count in self._requests.items()],
        )
        yield _counter(
            "rejections",
            "Requests and connections refused, by error tag.",
            ("tag",),
            [((tag,), count) for tag, count in self._rejections.items()],
        )
        yield _counter(
            "events",
            "Rows that Kafka has acknowledged.",
            ("kind",),
            [((kind.value,), count) for kind, count in self._rows.items()],
        )
        yield _counter("received_bytes", "Bytes of bodies as they were sent.", (), [((), self._wire_bytes)])
        yield _counter("decoded_bytes", "Bytes of bodies, unpacked.", (), [((), self._content_bytes)])
        yield _counter(
            "abandoned_requests", "Requests whose client went away in between.", (), [((), self.abandoned)]
        )
        yield _counter(
            "dropped_log_entries",
            "Log entries below the level from which on their agent's are kept.",
            (),
            [((), self.dropped)],
        )
        yield _counter(
            "refused_records",
            "Records of OpenTelemetry that could not be kept, while the rest of their request was.",
            ("route",),
            [((route,), count) for route, count in self.refused_records.items()],
        )
        yield self._ages_metric()

    def _ages_metric(self) -> HistogramMetricFamily:
        bounds = [*map(str, _AGE_BUCKETS), "+Inf"]
        totals = [sum(self._ages[: place + 1]) for place in range(len(bounds))]
        return HistogramMetricFamily(
            "promethios_gateway_event_age_seconds",
            "From a request's first event, by the client's clock, to its arrival.",
            buckets=list(zip(bounds, totals, strict=True)),
            sum_value=self._age_sum,
        )

    def _gauge(self, name: str, description: str) -> Gauge:
        return Gauge(f"promethios_gateway_{name}", description, registry=self.registry)


def age_of(moment: datetime | None, received_at: int) -> float | None:
    """Seconds from `moment`, in UTC unless it says otherwise, to `received_at` in milliseconds."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return received_at / 1000 - aware.timestamp()


def _counter(
    name: str, description: str, labels: Sequence[str], values: Sequence[tuple[Sequence[str], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"promethios_gateway_{name}", description, labels=labels)
    for label_values, value in values:
        family.add_metric(label_values, value)
    return family
