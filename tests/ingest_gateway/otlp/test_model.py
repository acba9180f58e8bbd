"""The JSON messages have the fields that the official ones have, under the same names."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ingest_gateway.otlp.metric_model import MetricsRequest
from ingest_gateway.otlp.model import LogsRequest, Message, TracesRequest

REQUESTS: list[tuple[type[Message], Any]] = [
    (TracesRequest, ExportTraceServiceRequest),
    (LogsRequest, ExportLogsServiceRequest),
    (MetricsRequest, ExportMetricsServiceRequest),
]


def messages_of(annotation: Any) -> set[type[Message]]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, Message):
        return {annotation}
    return {message for part in get_args(annotation) for message in messages_of(part)}


def compare(model: type[Message], official: Descriptor, seen: set[type[Message]]) -> None:
    """Every field that we read is an official one, by both its names, and of a type alike."""
    if model in seen:
        return
    seen.add(model)
    hints = get_type_hints(model)
    for field in msgspec.structs.fields(model):
        theirs: FieldDescriptor = official.fields_by_name[field.name]
        assert field.encode_name == theirs.json_name, (model, field.name)
        nested = messages_of(hints[field.name])
        assert bool(nested) is (theirs.message_type is not None), (model, field.name)
        for message in nested:
            assert theirs.message_type is not None
            compare(message, theirs.message_type, seen)


@pytest.mark.parametrize(("model", "official"), REQUESTS)
def test_names_are_the_official_ones(model: type[Message], official: Any) -> None:  # noqa: ANN401 - a protobuf message
    seen: set[type[Message]] = set()
    compare(model, official.DESCRIPTOR, seen)
    assert len(seen) > 5
