"""Whatever comes in, it is stored or refused: never a failure of ours, and never much work for few bytes."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.conversion import Conversion, Rows
from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.routes import OTLP_ROUTES
from runtime.problems import ProblemError
from schemas.stamps import encode_row
from tests.ingest_gateway.otlp.mapping import CODECS
from tests.ingest_gateway.otlp.samples import (
    SPAN_ID,
    START,
    TRACE_ID,
    as_json,
    logs,
    metrics,
    pairs,
    record,
    span,
    traces,
)

PROTOBUF, JSON = CODECS
ROUTES = {route.signal: route for route in OTLP_ROUTES}
MILLION = 1_000_000

ATTRIBUTES = {
    "gen_ai.operation.name": "chat",
    "gen_ai.usage.input_tokens": 3,
    "x": [1.5, {"y": b"z"}],
    "n": None,
}
EVENT = Span.Event(time_unix_nano=START, name="exception", attributes=pairs(ATTRIBUTES))
LINK = Span.Link(trace_id=TRACE_ID, span_id=SPAN_ID, attributes=pairs(ATTRIBUTES))
METRIC = Metric(name="m", unit="s")
METRIC.histogram.data_points.append(
    HistogramDataPoint(time_unix_nano=START, count=3, sum=1, bucket_counts=[1, 2], explicit_bounds=[0.5])
)
EXPONENTIAL = Metric(name="e")
EXPONENTIAL.exponential_histogram.data_points.append(
    ExponentialHistogramDataPoint(
        scale=2, positive=ExponentialHistogramDataPoint.Buckets(offset=1, bucket_counts=[1, 2])
    )
)
SUMMARY = Metric(name="s")
SUMMARY.summary.data_points.append(
    SummaryDataPoint(quantile_values=[SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=2)])
)
GAUGE = Metric(name="g")
GAUGE.gauge.data_points.append(NumberDataPoint(as_double=1.5, attributes=pairs(ATTRIBUTES)))

FULL = {
    Signal.TRACES: traces(
        span(ATTRIBUTES, events=[EVENT], links=[LINK], status=Status(code=Status.STATUS_CODE_ERROR))
    ),
    Signal.LOGS: logs(record({"a": [1, None]}, ATTRIBUTES, trace_id=TRACE_ID, span_id=SPAN_ID)),
    Signal.METRICS: metrics(METRIC, EXPONENTIAL, SUMMARY, GAUGE),
}


def outcome(signal: Signal, codec: Codec, body: bytes) -> str:
    """The error's tag, or "taken" when all rows can be written; anything else fails the test."""
    conversion = Conversion(codec, Limits(), "records")
    rows: Rows = {}
    refusal = None
    try:
        rows = ROUTES[signal].map(codec.decode(signal, body), conversion)
    except ProblemError as problem:
        refusal = problem.kind
    for of_kind in rows.values():
        for row in of_kind:
            msgspec.json.decode(encode_row(row))
    assert refusal is None or 400 <= refusal.status < 500
    return refusal.tag if refusal is not None else "taken"


def test_the_samples_are_taken_whole() -> None:
    for signal, request in FULL.items():
        assert outcome(signal, PROTOBUF, request.SerializeToString()) == "taken"
        assert outcome(signal, JSON, as_json(request)) == "taken"


@given(st.sampled_from(Signal), st.sampled_from(CODECS), st.binary(max_size=200))
def test_random_bytes(signal: Signal, codec: Codec, body: bytes) -> None:
    outcome(signal, codec, body)


@given(st.sampled_from(Signal), st.data())
def test_protobuf_with_some_bytes_changed(signal: Signal, data: st.DataObject) -> None:
    body = bytearray(FULL[signal].SerializeToString())
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    outcome(signal, PROTOBUF, bytes(body))


@given(st.sampled_from(Signal), st.data())
def test_protobuf_that_ends_early_or_goes_on(signal: Signal, data: st.DataObject) -> None:
    body = FULL[signal].SerializeToString()
    outcome(signal, PROTOBUF, body[: data.draw(st.integers(0, len(body)))])
    outcome(signal, PROTOBUF, body + data.draw(st.binary(max_size=20)))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 - any JSON value
    """The path of every value in a JSON value."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for name, member in members for found in [(*path, name), *places(member, (*path, name))]]


@given(st.sampled_from(Signal), st.data())
def test_json_with_a_value_of_any_other_type(signal: Signal, data: st.DataObject) -> None:
    body = json.loads(as_json(FULL[signal]))
    *parents, last = data.draw(st.sampled_from(places(body)))
    node = body
    for name in parents:
        node = node[name]
    node[last] = data.draw(ANY_JSON)
    outcome(signal, JSON, json.dumps(body).encode())


def field(number: int, content: bytes) -> bytes:
    """A length-delimited field of protobuf."""
    length, encoded = len(content), b""
    while length > 127:
        encoded += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + encoded + bytes([length]) + content


def in_scope(content: bytes) -> bytes:
    return field(1, field(2, content))


EMPTY = {number: bytes([number << 3 | 2, 0]) * MILLION for number in (1, 2, 6, 11, 13)}
METRIC_WITH = field(1, b"m")


@pytest.mark.parametrize(
    ("signal", "body"),
    [
        (Signal.LOGS, EMPTY[1]),
        (Signal.LOGS, field(1, EMPTY[2])),
        (Signal.LOGS, in_scope(EMPTY[2])),
        (Signal.LOGS, in_scope(field(2, EMPTY[6]))),
        (Signal.LOGS, in_scope(field(2, field(5, field(5, EMPTY[1]))))),
        (Signal.LOGS, field(1, field(1, EMPTY[1]) + field(2, field(2, b"")))),
        (Signal.TRACES, in_scope(EMPTY[2])),
        (Signal.TRACES, in_scope(field(2, field(1, TRACE_ID) + field(2, SPAN_ID) + EMPTY[11]))),
        (Signal.TRACES, in_scope(field(2, field(1, TRACE_ID) + field(2, SPAN_ID) + EMPTY[13]))),
        (Signal.METRICS, in_scope(EMPTY[2])),
        (Signal.METRICS, in_scope(field(2, METRIC_WITH + field(5, EMPTY[1])))),
        (Signal.METRICS, in_scope(field(2, METRIC_WITH + field(11, field(1, EMPTY[6]))))),
    ],
    ids=lambda argument: argument if isinstance(argument, str) else "",
)
def test_a_million_empty_messages_anywhere_are_refused_before_they_are_read(
    signal: Signal, body: bytes
) -> None:
    assert outcome(signal, PROTOBUF, body) in {"too-many-events", "too-many-values"}


@pytest.mark.parametrize(
    "path",
    [
        ("resourceLogs",),
        ("resourceLogs", "scopeLogs"),
        ("resourceLogs", "scopeLogs", "logRecords"),
        ("resourceLogs", "scopeLogs", "logRecords", "attributes"),
        ("unheard",),
    ],
)
def test_a_million_empty_objects_are_refused_before_they_are_read(path: tuple[str, ...]) -> None:
    content = "{}" + ",{}" * MILLION
    for name in reversed(path):
        content = f'{{"{name}":[{content}]}}'
    assert outcome(Signal.LOGS, JSON, content.encode()) == "too-many-values"


def deep(levels: int) -> bytes:
    """An AnyValue of arrays in arrays."""
    value = b""
    for _ in range(levels):
        value = field(5, field(1, value))
    return value


@pytest.mark.parametrize("levels", [40, 70, 1000])
def test_deep_values_are_kept_or_refused(levels: int) -> None:
    in_body = in_scope(field(2, field(5, deep(levels))))
    in_attribute = in_scope(field(2, field(6, field(1, b"k") + field(2, deep(levels)))))
    assert outcome(Signal.LOGS, PROTOBUF, in_body) == "taken"
    assert outcome(Signal.LOGS, PROTOBUF, in_attribute) == "taken"
    conversion = Conversion(PROTOBUF, Limits(), "records")
    rows = ROUTES[Signal.LOGS].map(PROTOBUF.decode(Signal.LOGS, in_body + in_attribute), conversion)
    kept = sum(len(of_kind) for of_kind in rows.values())
    assert (kept, conversion.refusals.count) == ((2, 0) if levels == 40 else (0, 2))


def test_text_that_is_not_utf8_spoils_only_its_record() -> None:
    good = record("good").SerializeToString()
    bad = good.replace(b"good", b"\xff\xff\xff\xff")
    conversion = Conversion(PROTOBUF, Limits(), "records")
    body = in_scope(field(2, good) + field(2, bad) + field(2, good))
    (rows,) = ROUTES[Signal.LOGS].map(PROTOBUF.decode(Signal.LOGS, body), conversion).values()
    assert (len(rows), conversion.refusals.count) == (2, 1)


def test_a_malformed_metric_spoils_only_itself() -> None:
    good = Metric(name="m")
    good.gauge.data_points.add(as_int=1)
    bad = field(1, b"\xff")
    for resource in (b"", field(1, field(1, field(1, b"k")) * 2000)):
        body = field(1, resource + field(2, field(2, bad) + field(2, good.SerializeToString())))
        conversion = Conversion(PROTOBUF, Limits(), "records")
        (rows,) = ROUTES[Signal.METRICS].map(PROTOBUF.decode(Signal.METRICS, body), conversion).values()
        assert len(rows) + conversion.refusals.count == 2
