"""OTLP requests for tests, built with the official messages; and the same in OTLP/JSON."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE_ID = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
SPAN_ID = bytes.fromhex("b7ad6b7169203331")
PARENT_ID = bytes.fromhex("00f067aa0ba902b7")
SECOND = 1_000_000_000
START = 1_800_000_000 * SECOND
RESOURCE = {"service.name": "researcher", "service.version": "1.4.2"}
SCOPE = InstrumentationScope(name="agent.search", version="2")

_HEX_FIELDS = {"traceId", "spanId", "parentSpanId"}


def value(content: Any) -> AnyValue:  # noqa: ANN401, PLR0911 - any JSON value, one kind after the other
    match content:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=content)
        case int():
            return AnyValue(int_value=content)
        case float():
            return AnyValue(double_value=content)
        case bytes():
            return AnyValue(bytes_value=content)
        case list():
            found = AnyValue()
            found.array_value.values.extend(value(item) for item in content)
            return found
        case dict():
            found = AnyValue()
            found.kvlist_value.values.extend(pairs(content))
            return found
        case _:
            return AnyValue(string_value=content)


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value(content)) for key, content in attributes.items()]


def span(attributes: Mapping[str, Any] | None = None, **fields: Any) -> Span:  # noqa: ANN401 - any field of a span
    given: dict[str, Any] = {
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
        "name": "a step",
        "start_time_unix_nano": START,
        "end_time_unix_nano": START + 250_000_000,
    } | fields
    return Span(attributes=pairs(attributes or {}), **given)


def record(body: Any = "hello", attributes: Mapping[str, Any] | None = None, **fields: Any) -> LogRecord:  # noqa: ANN401 - any field of a record
    given: dict[str, Any] = {"time_unix_nano": START, "severity_number": 9, "severity_text": "INFO"} | fields
    return LogRecord(body=value(body), attributes=pairs(attributes or {}), **given)


def traces(
    *spans: Span, resource: Mapping[str, Any] = RESOURCE, scope: InstrumentationScope = SCOPE
) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add(resource=Resource(attributes=pairs(resource)))
    of_resource.scope_spans.add(scope=scope, spans=spans)
    return request


def logs(
    *records: LogRecord, resource: Mapping[str, Any] = RESOURCE, scope: InstrumentationScope = SCOPE
) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add(resource=Resource(attributes=pairs(resource)))
    of_resource.scope_logs.add(scope=scope, log_records=records)
    return request


def metrics(*found: Metric, resource: Mapping[str, Any] = RESOURCE) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    of_resource = request.resource_metrics.add(resource=Resource(attributes=pairs(resource)))
    of_resource.scope_metrics.add(scope=SCOPE, metrics=found)
    return request


def as_json(request: Message) -> bytes:
    """OTLP/JSON has ids in hexadecimal and enums as integers, unlike protobuf's own JSON form."""
    plain = json_format.MessageToDict(request, use_integers_for_enums=True)
    return json.dumps(_with_hex_ids(plain)).encode()


def _with_hex_ids(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        return [_with_hex_ids(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: base64.b64decode(item).hex() if name in _HEX_FIELDS else _with_hex_ids(item)
        for name, item in node.items()
    }
