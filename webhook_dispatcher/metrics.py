"""What the dispatcher counts and measures, for Prometheus; webhooks and tenants are no labels."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30)
_AGE_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600, 21600, 86400, 259200)


class WebhookMetrics:
    """The metrics of one process, on a registry of their own."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.attempts = Counter(
            "promethios_webhooks_attempts",
            "Requests made, by what came of them.",
            ["outcome"],
            registry=self.registry,
        )
        self.attempt_seconds = Histogram(
            "promethios_webhooks_attempt_seconds",
            "Duration of a request.",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.delivered_age = Histogram(
            "promethios_webhooks_delivered_age_seconds",
            "Wall clock minus the event's time in the log, when it was delivered.",
            buckets=_AGE_BUCKETS,
            registry=self.registry,
        )
        self.undeliverable = Counter(
            "promethios_webhooks_undeliverable",
            "Notifications given up: on the dead-letter topic.",
            registry=self.registry,
        )
        self.unreadable = Counter(
            "promethios_webhooks_unreadable",
            "Records of derived topics that are no events.",
            registry=self.registry,
        )
        self.failures = Counter(
            "promethios_webhooks_endpoint_failures",
            "Errors of ours that made an endpoint begin anew.",
            registry=self.registry,
        )
        self.endpoints = Gauge(
            "promethios_webhooks_endpoints",
            "Webhooks that this process looks after, by how they are.",
            ["condition"],
            registry=self.registry,
        )
