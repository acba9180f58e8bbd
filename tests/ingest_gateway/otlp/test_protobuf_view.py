"""The official messages with everything that is repeated left unread."""

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.protobuf_view import ProtobufView
from schemas.errors import InvalidMessageError
from tests.ingest_gateway.otlp.samples import SCOPE, START, TRACE_ID, logs, pairs, record, span, traces

VIEW = ProtobufView()
ATTRIBUTES = {"a": 1, "b": "two", "c": [1.5, {"d": b"bytes"}]}
VALUES = {"opentelemetry.proto.common.v1.ArrayValue", "opentelemetry.proto.common.v1.KeyValueList"}


def children(parent: Any, field: str) -> list[Any]:  # noqa: ANN401 - any message
    return [VIEW.readers[type(parent), field](raw) for raw in getattr(parent, field)]


def test_everything_is_as_in_the_official_message() -> None:
    official = logs(record("hello", trace_id=TRACE_ID))
    view = VIEW.requests[Signal.LOGS].FromString(official.SerializeToString())
    assert view.SerializeToString() == official.SerializeToString()
    (of_resource,) = children(view, "resource_logs")
    (of_scope,) = children(of_resource, "scope_logs")
    (found,) = children(of_scope, "log_records")
    assert (of_scope.scope.name, found.body.string_value) == (SCOPE.name, "hello")
    assert (found.trace_id, found.time_unix_nano) == (TRACE_ID, START)


def test_attributes_are_the_bytes_of_the_official_ones() -> None:
    official = traces(span(ATTRIBUTES), resource=ATTRIBUTES)
    view = VIEW.requests[Signal.TRACES].FromString(official.SerializeToString())
    (of_resource,) = children(view, "resource_spans")
    (of_scope,) = children(of_resource, "scope_spans")
    for found in (of_resource.resource, *children(of_scope, "spans")):
        assert [KeyValue.FromString(raw) for raw in found.attributes] == pairs(ATTRIBUTES)


def test_what_is_malformed_is_refused_when_it_is_read() -> None:
    request = VIEW.requests[Signal.LOGS].FromString(b"\x0a\x01\xff")
    with pytest.raises(InvalidMessageError, match="resource_logs: is not valid protobuf"):
        children(request, "resource_logs")


def test_no_repeated_message_is_read_at_once() -> None:
    waiting = [view.DESCRIPTOR for view in VIEW.requests.values()]
    waiting += [read_type.DESCRIPTOR for read_type, _ in VIEW.readers]
    seen = set[str]()
    while waiting:
        message = waiting.pop()
        if message.full_name in seen | VALUES:
            continue
        seen.add(message.full_name)
        for field in message.fields:
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                assert not field.is_repeated, (message.full_name, field.name)
                assert field.message_type is not None
                waiting.append(field.message_type)
    # Requests, resources, scopes, records, points: all are looked at.
    assert len(seen) > 20
