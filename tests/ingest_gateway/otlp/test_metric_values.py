"""Values of points: presence, NaN, and what contradicts itself."""

import json
import math
from typing import Any, cast

import pytest
from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.conversion import Conversion
from ingest_gateway.otlp.metrics import map_metrics
from ingest_gateway.otlp.model import Signal
from schemas.block import Kind
from schemas.messages.otel_metric import OtelMetricRow
from tests.ingest_gateway.otlp.mapping import CODECS, rows_of
from tests.ingest_gateway.otlp.samples import metrics

QUANTILE = SummaryDataPoint.ValueAtQuantile
BUCKETS = ExponentialHistogramDataPoint.Buckets
FIELDS: dict[type[Message], str] = {
    NumberDataPoint: "gauge",
    HistogramDataPoint: "histogram",
    ExponentialHistogramDataPoint: "exponential_histogram",
    SummaryDataPoint: "summary",
}


def mapped(point: Message) -> tuple[list[OtelMetricRow], str]:
    metric = Metric(name="m")
    getattr(metric, FIELDS[type(point)]).data_points.append(point)
    rows, partial = rows_of(metrics(metric))
    return cast("list[OtelMetricRow]", rows[Kind.OTEL_METRIC]), partial.message if partial else ""


def values_of(point: Message) -> OtelMetricRow:
    (row,), refused = mapped(point)
    assert refused == ""
    return row


@pytest.mark.parametrize("value", [0, 5, -(2**63), 2**63 - 1])
def test_whole_numbers(value: int) -> None:
    assert values_of(NumberDataPoint(as_int=value)).value == value


def test_a_point_without_a_value_has_none() -> None:
    assert values_of(NumberDataPoint()).value is None


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_what_is_no_number_is_null_and_said_in_an_attribute(value: float, text: str) -> None:
    row = values_of(NumberDataPoint(as_double=value))
    assert (row.value, row.attributes) == (None, {"promethios.value": text})


def test_a_histogram() -> None:
    row = values_of(
        HistogramDataPoint(
            count=3, sum=9.5, min=1, max=math.inf, bucket_counts=[1, 0, 2], explicit_bounds=[2.5, 5]
        )
    )
    assert (row.count, row.sum, row.min, row.max) == (3, 9.5, 1, None)
    assert (row.bucket_counts, row.explicit_bounds) == ([1, 0, 2], [2.5, 5])
    assert row.attributes == {"promethios.max": "Infinity"}


def test_what_was_not_sent_is_not_zero() -> None:
    row = values_of(HistogramDataPoint(count=1))
    assert (row.count, row.sum, row.min, row.max) == (1, None, None, None)
    assert values_of(HistogramDataPoint(count=1, sum=0)).sum == 0


def test_an_exponential_histogram() -> None:
    row = values_of(
        ExponentialHistogramDataPoint(
            count=4,
            sum=1,
            scale=-2,
            zero_count=1,
            zero_threshold=0.5,
            positive=BUCKETS(offset=-3, bucket_counts=[1, 2]),
        )
    )
    assert (row.count, row.scale, row.zero_count, row.zero_threshold) == (4, -2, 1, 0.5)
    assert (row.positive_offset, row.positive_counts) == (-3, [1, 2])
    assert (row.negative_offset, row.negative_counts) == (None, [])


def test_a_summary_without_the_quantiles_of_nothing() -> None:
    quantiles = [QUANTILE(quantile=0.5, value=3), QUANTILE(quantile=0.9, value=math.nan), QUANTILE()]
    row = values_of(SummaryDataPoint(count=2, sum=6, quantile_values=quantiles))
    assert (row.count, row.sum) == (2, 6)
    assert (row.quantiles, row.quantile_values) == ([0.5, 0.0], [3, 0.0])


@pytest.mark.parametrize(
    "point",
    [
        NumberDataPoint(flags=1, as_int=5),
        HistogramDataPoint(flags=1, count=1, bucket_counts=[1, 2, 3]),
        ExponentialHistogramDataPoint(flags=1, scale=2),
        SummaryDataPoint(flags=1, count=1),
    ],
)
def test_no_recorded_value_is_no_value(point: Message) -> None:
    row = values_of(point)
    assert (row.flags, row.value, row.count, row.scale, row.bucket_counts) == (1, None, None, None, [])


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (HistogramDataPoint(bucket_counts=[1, 2], explicit_bounds=[1, 2]), "bucket_counts: must be one more"),
        (
            HistogramDataPoint(bucket_counts=[1, 2], explicit_bounds=[math.nan]),
            "explicit_bounds: must be finite",
        ),
        (HistogramDataPoint(bucket_counts=[0] * 16_385), "bucket_counts: holds 16385"),
        (
            ExponentialHistogramDataPoint(positive=BUCKETS(bucket_counts=[0] * 16_385)),
            "positive: holds 16385",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(point: Message, reason: str) -> None:
    rows, refused = mapped(point)
    assert rows == []
    assert refused.startswith(f"refused 1 data points: 0: {reason}")


@pytest.mark.parametrize("field", ["count", "bucketCounts"])
def test_json_cannot_say_more_than_64_bits(field: str) -> None:
    content: Any = 2**64 if field == "count" else [str(2**64)]
    metric = {"name": "m", "histogram": {"dataPoints": [{field: content}]}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}).encode()
    conversion = Conversion(CODECS[1], Limits(), "data points")
    rows = map_metrics(CODECS[1].decode(Signal.METRICS, body), conversion)
    assert rows[Kind.OTEL_METRIC] == []
    assert conversion.refusals.count == 1
