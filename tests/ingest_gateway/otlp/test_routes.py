"""The three routes: the paths that SDKs send to, and what each needs."""

from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.routes import OTLP_ROUTES
from schemas.permissions import Permission


def test_sdks_find_the_routes_behind_their_endpoint() -> None:
    assert {route.path: route.permission for route in OTLP_ROUTES} == {
        "/v1/traces": Permission.EVENTS_WRITE,
        "/v1/logs": Permission.LOGS_WRITE,
        "/v1/metrics": Permission.METRICS_WRITE,
    }
    assert {route.signal for route in OTLP_ROUTES} == set(Signal)


def test_names_are_told_from_those_of_reports() -> None:
    assert [route.name for route in OTLP_ROUTES] == ["otlp_traces", "otlp_logs", "otlp_metrics"]
