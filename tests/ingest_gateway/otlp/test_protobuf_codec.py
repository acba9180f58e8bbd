"""OTLP in protobuf: presence, and what is not protobuf."""

from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint, Metric

from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from runtime.problems import ProblemError
from tests.ingest_gateway.otlp.mapping import LIMITS, first_child
from tests.ingest_gateway.otlp.samples import logs, metrics, record

CODEC = ProtobufCodec(LIMITS)


def first_metric(request: Any) -> Any:  # noqa: ANN401 - a message
    for field in ("resource_metrics", "scope_metrics", "metrics"):
        request = first_child(CODEC, request, field)
    return request


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05abc", b'{"resourceLogs":[]}', b"\x0a" * 1000])
def test_what_is_not_protobuf_is_refused(signal: Signal, body: bytes) -> None:
    with pytest.raises(ProblemError) as refused:
        CODEC.decode(signal, body)
    assert refused.value.kind.tag == "bad-protobuf"


def test_a_cut_request_is_refused() -> None:
    body = logs(record("hello")).SerializeToString()
    with pytest.raises(ProblemError):
        CODEC.decode(Signal.LOGS, body[:-1])


def test_a_number_that_was_not_sent_is_told_from_zero() -> None:
    metric = Metric(name="m")
    metric.histogram.data_points.extend([HistogramDataPoint(min=0), HistogramDataPoint()])
    decoded = CODEC.decode(Signal.METRICS, metrics(metric).SerializeToString())
    found = first_metric(decoded)
    assert CODEC.data_field(found) == "histogram"
    points = CODEC.children(found.histogram, "data_points")
    assert [CODEC.optional(points.read(raw), "min") for raw in points.items] == [0, None]


def test_a_metric_without_data_has_no_field_for_it() -> None:
    decoded = CODEC.decode(Signal.METRICS, metrics(Metric(name="m")).SerializeToString())
    assert CODEC.data_field(first_metric(decoded)) is None
