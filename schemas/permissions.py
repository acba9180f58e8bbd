"""What an API key may do, and what one may do for whom nothing else was said."""

from enum import StrEnum


class Permission(StrEnum):
    """One right of an API key; `.write` reports, and a route asks for exactly one."""

    HEARTBEAT_WRITE = "heartbeat.write"
    METRICS_WRITE = "metrics.write"
    VIOLATIONS_WRITE = "violations.write"
    LOGS_WRITE = "logs.write"
    EVENTS_WRITE = "events.write"
    COSTS_WRITE = "costs.write"
    POLICY_EVALUATE = "policy.evaluate"
    LOGS_READ = "logs.read"


# Reporting needs no reading: a key that leaks from an agent shall not give away its logs by default.
DEFAULT_PERMISSIONS = tuple(permission for permission in Permission if permission is not Permission.LOGS_READ)
