"""Points of all five types to rows, the same from both encodings."""

from typing import Any, cast

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    AGGREGATION_TEMPORALITY_DELTA,
    Exemplar,
    ExponentialHistogramDataPoint,
    Gauge,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)

from ingest_gateway.otlp.moments import moment
from schemas.block import Kind
from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType, Temporality
from tests.ingest_gateway.otlp.mapping import rows_of
from tests.ingest_gateway.otlp.samples import SECOND, SPAN_ID, START, TRACE_ID, metrics, pairs

CUMULATIVE = AGGREGATION_TEMPORALITY_CUMULATIVE
QUANTILE = SummaryDataPoint.ValueAtQuantile


def rows(*found: Metric) -> list[OtelMetricRow]:
    mapped, partial = rows_of(metrics(*found))
    assert partial is None
    return cast("list[OtelMetricRow]", mapped[Kind.OTEL_METRIC])


def points(metric: Metric, kind: str) -> Any:  # noqa: ANN401 - points of any type
    return getattr(metric, kind).data_points


def test_every_point_of_a_metric_is_a_row() -> None:
    metric = Metric(name="tokens", unit="{token}", description="Tokens used")
    metric.sum.aggregation_temporality = AGGREGATION_TEMPORALITY_DELTA
    metric.sum.is_monotonic = True
    for kind in ("input", "output"):
        metric.sum.data_points.add(
            as_int=7,
            start_time_unix_nano=START - SECOND,
            time_unix_nano=START,
            attributes=pairs({"gen_ai.token.type": kind}),
            exemplars=[Exemplar(as_int=1), Exemplar(trace_id=TRACE_ID, span_id=SPAN_ID)],
        )
    first, second = rows(metric)
    assert first == OtelMetricRow(
        "tokens",
        OtelMetricType.SUM,
        timestamp=moment(START, ""),
        start_timestamp=moment(START - SECOND, ""),
        unit="{token}",
        description="Tokens used",
        temporality=Temporality.DELTA,
        monotonic=True,
        value=7,
        trace_id=TRACE_ID.hex(),
        span_id=SPAN_ID.hex(),
        service_name="researcher",
        scope_name="agent.search",
        attributes={"gen_ai.token.type": "input"},
        resource_attributes={
            "service.name": "researcher",
            "service.version": "1.4.2",
            "otel.scope.version": "2",
        },
    )
    assert second.attributes == {"gen_ai.token.type": "output"}


def test_all_five_types() -> None:
    found = [Metric(name=kind) for kind in OtelMetricType]
    points(found[0], "gauge").append(NumberDataPoint(as_double=1.5))
    points(found[1], "sum").append(NumberDataPoint(as_int=3))
    points(found[2], "histogram").append(
        HistogramDataPoint(count=2, bucket_counts=[1, 1], explicit_bounds=[5])
    )
    points(found[3], "exponential_histogram").append(ExponentialHistogramDataPoint(count=1, zero_count=1))
    points(found[4], "summary").append(SummaryDataPoint(count=1, sum=2))
    found[2].histogram.aggregation_temporality = CUMULATIVE
    by_type = {row.metric_type: row for row in rows(*found)}
    assert list(by_type) == list(OtelMetricType)
    assert by_type[OtelMetricType.GAUGE].value == 1.5
    assert by_type[OtelMetricType.HISTOGRAM].temporality is Temporality.CUMULATIVE
    assert by_type[OtelMetricType.SUM].temporality is Temporality.UNSPECIFIED


def test_a_metric_without_points_is_nothing() -> None:
    assert rows(Metric(name="empty")) == []


def test_points_of_a_metric_without_a_name_are_refused() -> None:
    nameless = Metric(gauge=Gauge(data_points=[NumberDataPoint(as_int=1), NumberDataPoint(as_int=2)]))
    named = Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_int=1)]))
    mapped, partial = rows_of(metrics(nameless, named))
    assert len(mapped[Kind.OTEL_METRIC]) == 1
    assert partial is not None
    assert (
        partial.message == "refused 2 data points: 0: name: a metric needs one; 1: name: a metric needs one"
    )


@pytest.mark.parametrize("trace_id", [b"", b"short", bytes(16)])
def test_an_exemplar_without_a_trace_leaves_none(trace_id: bytes) -> None:
    point = NumberDataPoint(as_int=1, exemplars=[Exemplar(trace_id=trace_id)])
    (row,) = rows(Metric(name="m", gauge=Gauge(data_points=[point])))
    assert row.trace_id == ""
