"""The OTLP routes for the OpenAPI description; the bodies are generated from `model` and `metric_model`."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.metric_model import MetricsRequest
from ingest_gateway.otlp.model import LogsRequest, Signal, TracesRequest
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from ingest_gateway.otlp.routes import OTLP_ROUTES, OtlpRoute

# Names such as Span would not say whose they are.
_REFERENCE = "#/components/schemas/Otlp{name}"
_PROTOBUF, _JSON = ProtobufCodec.media_type.decode(), JsonCodec.media_type.decode()
_REQUESTS: dict[Signal, type[msgspec.Struct]] = {
    Signal.TRACES: TracesRequest,
    Signal.LOGS: LogsRequest,
    Signal.METRICS: MetricsRequest,
}


def otlp_paths(
    refusals: Mapping[str, Any],
    security: Sequence[Mapping[str, Any]],
    parameters: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The operation of each route; `refusals` are its error answers, whose content is `otlp_errors`."""
    return {
        route.path: {
            "post": {
                "operationId": f"export_{route.signal}",
                "summary": f"OpenTelemetry {route.signal}",
                "description": _describe(route),
                "security": security,
                "parameters": parameters,
                "requestBody": {"required": True, "content": _body(route.signal)},
                "responses": {"200": _accepted(), **refusals},
            }
        }
        for route in OTLP_ROUTES
    }


def otlp_errors() -> dict[str, Any]:
    """The content of an error answer."""
    return _both({"$ref": _REFERENCE.format(name="Status")})


def otlp_components() -> dict[str, Any]:
    """The schemas that the paths refer to."""
    _, found = msgspec.json.schema_components(list(_REQUESTS.values()), ref_template=_REFERENCE)
    return {f"Otlp{name}": schema for name, schema in found.items()} | {
        "OtlpStatus": _STATUS,
        "OtlpPartialSuccess": _PARTIAL_SUCCESS,
    }


def _describe(route: OtlpRoute) -> str:
    return (
        f"OTLP/HTTP, in protobuf or JSON; any OpenTelemetry SDK sends here. Needs `{route.permission}`. "
        f"Answered when Kafka has stored all {route.noun} that can be kept; `partialSuccess` counts others. "
        "In JSON, ids are hexadecimal, enums are integers, and 64-bit integers may be texts. A request that "
        "is repeated byte for byte is stored once."
    )


def _body(signal: Signal) -> dict[str, Any]:
    example = {"$ref": _REFERENCE.format(name=_REQUESTS[signal].__name__)}
    return {
        _PROTOBUF: {"schema": {"type": "string", "format": "binary"}},
        _JSON: {"schema": example, "examples": {"small": {"value": _EXAMPLES[signal]}}},
    }


def _accepted() -> dict[str, Any]:
    answer = {"$ref": _REFERENCE.format(name="PartialSuccess")}
    schema = {"type": "object", "properties": {"partialSuccess": answer}}
    return {"description": "Stored", "content": _both(schema)}


def _both(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {_PROTOBUF: {"schema": {"type": "string", "format": "binary"}}, _JSON: {"schema": schema}}


_STATUS = {
    "type": "object",
    "description": "google.rpc.Status; the message ends with the error's stable tag.",
    "required": ["code", "message"],
    "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
}
_PARTIAL_SUCCESS = {
    "type": "object",
    "description": "How many records were refused and why; with none refused the message is a warning.",
    "properties": {
        "rejectedSpans": {"type": "string"},
        "rejectedLogRecords": {"type": "string"},
        "rejectedDataPoints": {"type": "string"},
        "errorMessage": {"type": "string"},
    },
}
_RESOURCE = {"attributes": [{"key": "service.name", "value": {"stringValue": "travel-agent"}}]}
_SCOPE = {"name": "travel"}
_TRACE_ID, _SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
_SPAN = {
    "traceId": _TRACE_ID,
    "spanId": _SPAN_ID,
    "name": "chat gpt-5",
    "startTimeUnixNano": 1_800_000_000_000_000_000,
    "endTimeUnixNano": 1_800_000_000_250_000_000,
    "attributes": [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 120}},
    ],
}
_LOG = {
    "severityNumber": 9,
    "body": {"stringValue": "planning a journey"},
    "traceId": _TRACE_ID,
    "spanId": _SPAN_ID,
}
_METRIC = {"name": "journeys", "gauge": {"dataPoints": [{"asInt": 3}]}}
_EXAMPLES: dict[Signal, dict[str, Any]] = {
    Signal.TRACES: {
        "resourceSpans": [{"resource": _RESOURCE, "scopeSpans": [{"scope": _SCOPE, "spans": [_SPAN]}]}]
    },
    Signal.LOGS: {
        "resourceLogs": [{"resource": _RESOURCE, "scopeLogs": [{"scope": _SCOPE, "logRecords": [_LOG]}]}]
    },
    Signal.METRICS: {
        "resourceMetrics": [
            {"resource": _RESOURCE, "scopeMetrics": [{"scope": _SCOPE, "metrics": [_METRIC]}]}
        ]
    },
}
