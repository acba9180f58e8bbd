"""The official messages with attributes left unread."""

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.protobuf_view import request_types
from tests.ingest_gateway.otlp.samples import SCOPE, START, TRACE_ID, logs, pairs, record, span, traces

VIEWS = request_types()
ATTRIBUTES = {"a": 1, "b": "two", "c": [1.5, {"d": b"bytes"}]}


def test_everything_else_is_as_in_the_official_message() -> None:
    official = logs(record("hello", trace_id=TRACE_ID))
    view = VIEWS[Signal.LOGS].FromString(official.SerializeToString())
    found = view.resource_logs[0].scope_logs[0]  # type: ignore[attr-defined] # made at run time
    assert (found.scope.name, found.log_records[0].body.string_value) == (SCOPE.name, "hello")
    assert (found.log_records[0].trace_id, found.log_records[0].time_unix_nano) == (TRACE_ID, START)
    assert view.SerializeToString() == official.SerializeToString()


def test_attributes_are_the_bytes_of_the_official_ones() -> None:
    official = traces(span(ATTRIBUTES), resource=ATTRIBUTES)
    view = VIEWS[Signal.TRACES].FromString(official.SerializeToString())
    of_resource = view.resource_spans[0]  # type: ignore[attr-defined] # made at run time
    for found in (of_resource.resource, of_resource.scope_spans[0].spans[0]):
        assert [KeyValue.FromString(raw) for raw in found.attributes] == pairs(ATTRIBUTES)


def test_no_message_has_attributes_that_are_read_at_once() -> None:
    waiting = [view.DESCRIPTOR for view in VIEWS.values()]
    seen = set()
    unread = 0
    while waiting:
        message = waiting.pop()
        seen.add(message.full_name)
        for field in message.fields:
            if field.name == "attributes":
                assert field.type == field.TYPE_BYTES, message.full_name
                unread += 1
            elif field.message_type is not None and field.message_type.full_name not in seen:
                waiting.append(field.message_type)
    # Resource, scope, span, its events and links, log record, four kinds of points.
    assert unread >= 10
