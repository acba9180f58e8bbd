"""The three routes of OTLP/HTTP: what each takes, what it needs, and what its records become."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ingest_gateway.otlp import logs, metrics, traces
from ingest_gateway.otlp.conversion import Conversion, Rows
from ingest_gateway.otlp.model import Signal
from schemas.permissions import Permission


class OtlpRoute(NamedTuple):
    """A route; `noun` is what its records are called, in the plural."""

    signal: Signal
    permission: Permission
    noun: str
    map: Callable[[Any, Conversion], Rows]

    @property
    def path(self) -> str:
        """Where OpenTelemetry's SDKs send to, behind the endpoint that they are given."""
        return f"/v1/{self.signal}"

    @property
    def name(self) -> str:
        """What metrics, logs and batch ids call the route."""
        return f"otlp_{self.signal}"


OTLP_ROUTES = (
    OtlpRoute(Signal.TRACES, Permission.EVENTS_WRITE, traces.NOUN, traces.map_spans),
    OtlpRoute(Signal.LOGS, Permission.LOGS_WRITE, logs.NOUN, logs.map_logs),
    OtlpRoute(Signal.METRICS, Permission.METRICS_WRITE, metrics.NOUN, metrics.map_metrics),
)
