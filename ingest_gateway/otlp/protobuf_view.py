"""The official OTLP messages, with everything that is repeated left as bytes until somebody reads it.

Derived at import from the descriptors of opentelemetry-proto: where a message there has `repeated Span
spans`, here it has `repeated bytes spans`, which is the same on the wire. So the messages of a request are
counted before they take memory (one takes two bytes on the wire, and a hundred or more once it is read), one
that is malformed spoils no other, and attributes, which mostly were in the request before, can be looked up.
"""

from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from ingest_gateway.otlp.model import Signal
from schemas.errors import InvalidMessageError

# Each after those that it imports.
_FILES: tuple[FileDescriptor, ...] = (
    common_pb2.DESCRIPTOR,
    resource_pb2.DESCRIPTOR,
    trace_pb2.DESCRIPTOR,
    logs_pb2.DESCRIPTOR,
    metrics_pb2.DESCRIPTOR,
    trace_service_pb2.DESCRIPTOR,
    logs_service_pb2.DESCRIPTOR,
    metrics_service_pb2.DESCRIPTOR,
)
_REQUESTS: dict[Signal, Descriptor] = {
    Signal.TRACES: trace_service_pb2.ExportTraceServiceRequest.DESCRIPTOR,
    Signal.LOGS: logs_service_pb2.ExportLogsServiceRequest.DESCRIPTOR,
    Signal.METRICS: metrics_service_pb2.ExportMetricsServiceRequest.DESCRIPTOR,
}
# What a value holds is read with it.
_READ_AT_ONCE = {common_pb2.ArrayValue.DESCRIPTOR.full_name, common_pb2.KeyValueList.DESCRIPTOR.full_name}
_ATTRIBUTES = "attributes"

_Field = descriptor_pb2.FieldDescriptorProto


class ProtobufView:
    """The view's messages; `readers` are by message type and field, for all fields but attributes."""

    def __init__(self) -> None:
        """Build them, in a pool of their own."""
        self._pool = descriptor_pool.DescriptorPool()
        self.readers: dict[tuple[type[Message], str], Callable[[bytes], Any]] = {}
        for file in _FILES:
            copy = descriptor_pb2.FileDescriptorProto()
            file.CopyToProto(copy)
            for message in copy.message_type:
                _leave_unread(message, f"{file.package}.{message.name}")
            self._pool.Add(copy)
        self.requests = {signal: self._type_of(request) for signal, request in _REQUESTS.items()}
        for request in _REQUESTS.values():
            self._add_readers(request)

    def _type_of(self, official: Descriptor) -> type[Message]:
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(official.full_name))

    def _add_readers(self, official: Descriptor) -> None:
        for field in official.fields:
            child = field.message_type
            if child is None or field.name == _ATTRIBUTES or official.full_name in _READ_AT_ONCE:
                continue
            key = (self._type_of(official), field.name)
            if key in self.readers:
                continue
            self.readers[key] = _reader(self._type_of(child), field)
            self._add_readers(child)


def _leave_unread(message: descriptor_pb2.DescriptorProto, full_name: str) -> None:
    if full_name not in _READ_AT_ONCE:
        for field in message.field:
            if field.type == _Field.TYPE_MESSAGE and field.label == _Field.LABEL_REPEATED:
                field.type = _Field.TYPE_BYTES
                field.ClearField("type_name")
    for nested in message.nested_type:
        _leave_unread(nested, f"{full_name}.{nested.name}")


def _reader(child: type[Message], field: FieldDescriptor) -> Callable[[bytes], Any]:
    parse = child.FromString

    def read(raw: bytes) -> Any:  # noqa: ANN401 - a message in the shape of a model
        try:
            return parse(raw)
        except DecodeError:
            raise InvalidMessageError("is not valid protobuf", field=field.name) from None

    return read
