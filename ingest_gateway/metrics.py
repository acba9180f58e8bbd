"""What the gateway counts; no agent is a label, and each worker answers for itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ACK_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 30.0)


class GatewayMetrics:
    """All metrics of one process in a registry of its own."""

    def __init__(self, worker: int) -> None:
        """`worker` tells the processes that share a port apart."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "promethios_gateway_requests", "Answered requests.", ["route", "status"], registry=self.registry
        )
        self.events = Counter(
            "promethios_gateway_events", "Rows that Kafka has acknowledged.", ["kind"], registry=self.registry
        )
        self.received_bytes = Counter(
            "promethios_gateway_received_bytes", "Bytes of bodies received.", registry=self.registry
        )
        self.rejections = Counter(
            "promethios_gateway_rejections",
            "Requests refused, by error tag.",
            ["tag"],
            registry=self.registry,
        )
        self.unacknowledged_bytes = Gauge(
            "promethios_gateway_unacknowledged_bytes",
            "Bytes that wait for Kafka's acknowledgement.",
            registry=self.registry,
        )
        self.reading_bytes = Gauge(
            "promethios_gateway_reading_bytes", "Bytes of bodies not complete yet.", registry=self.registry
        )
        self.log_full = Gauge(
            "promethios_gateway_log_full",
            "1 while reports are refused because the broker's log or disk is full.",
            registry=self.registry,
        )
        self.acknowledged = Histogram(
            "promethios_gateway_kafka_ack_seconds",
            "From closing a block to Kafka's acknowledgement.",
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        info = Gauge(
            "promethios_gateway_worker_info",
            "Which worker process answered this request.",
            ["worker"],
            registry=self.registry,
        )
        info.labels(str(worker)).set(1)
