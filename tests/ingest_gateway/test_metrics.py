"""Names and labels of the metrics, and what they count."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from prometheus_client.exposition import generate_latest

from ingest_gateway.errors import BAD_JSON, RATE_LIMITED
from ingest_gateway.metrics import GatewayMetrics, age_of
from runtime.connection_limits import SLOW_HEAD
from schemas.block import Kind

MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = 1_769_860_802_500  # two and a half seconds


def text_of(metrics: GatewayMetrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_all_names_have_our_prefix_and_each_registry_is_its_own() -> None:
    for worker in (0, 1):
        names = [line.split()[2] for line in text_of(GatewayMetrics(worker)).splitlines() if "# TYPE" in line]
        assert all(name.startswith("promethios_gateway_") for name in names)
        assert len(names) == len(set(names)) > 12


def test_requests_and_refusals_are_counted_by_route_status_and_tag() -> None:
    metrics = GatewayMetrics(0)
    metrics.count_request("log", 202)
    metrics.count_refusal("log", BAD_JSON)
    metrics.count_refusal("metrics", RATE_LIMITED)
    metrics.count_rejection(SLOW_HEAD)
    text = text_of(metrics)
    for line in (
        'promethios_gateway_requests_total{route="log",status="202"} 1.0',
        'promethios_gateway_requests_total{route="log",status="400"} 1.0',
        'promethios_gateway_requests_total{route="metrics",status="429"} 1.0',
        'promethios_gateway_rejections_total{tag="bad-json"} 1.0',
        'promethios_gateway_rejections_total{tag="rate-limited"} 1.0',
        'promethios_gateway_rejections_total{tag="slow-head"} 1.0',
    ):
        assert line in text.splitlines()


def test_bodies_and_rows_are_counted() -> None:
    metrics = GatewayMetrics(0)
    metrics.count_body(100, 700)
    metrics.count_block(Kind.LOG, 2, 0.003)
    metrics.count_block(Kind.VIOLATION, 1, 0.003)
    lines = text_of(metrics).splitlines()
    assert "promethios_gateway_received_bytes_total 100.0" in lines
    assert "promethios_gateway_decoded_bytes_total 700.0" in lines
    assert 'promethios_gateway_events_total{kind="log"} 2.0' in lines
    assert 'promethios_gateway_events_total{kind="violation"} 1.0' in lines
    assert "promethios_gateway_kafka_ack_seconds_count 2.0" in lines


def test_ages_are_a_histogram() -> None:
    metrics = GatewayMetrics(0)
    for age in (-5.0, 0.01, 0.2, 1_000_000.0):
        metrics.observe_age(age)
    lines = text_of(metrics).splitlines()
    for bound, count in (("0.01", 2), ("0.1", 2), ("0.5", 3), ("86400.0", 3), ("+Inf", 4)):
        assert f'promethios_gateway_event_age_seconds_bucket{{le="{bound}"}} {count}.0' in lines
    assert "promethios_gateway_event_age_seconds_count 4.0" in lines


@pytest.mark.parametrize(
    ("moment", "age"),
    [
        (None, None),
        (MOMENT, 2.5),
        (MOMENT.replace(tzinfo=None), 2.5),
        (MOMENT.astimezone(timezone(timedelta(hours=2))), 2.5),
        (MOMENT + timedelta(days=1), 2.5 - 86400),
    ],
)
def test_the_age_of_an_event_is_by_its_own_clock(moment: datetime | None, age: float | None) -> None:
    assert age_of(moment, LATER) == pytest.approx(age)
