"""The official OTLP messages, with attributes left as bytes until somebody reads them.

Derived at import from the descriptors of opentelemetry-proto: wherever a message has `repeated KeyValue
attributes`, here it has `repeated bytes attributes`, which is the same on the wire. Attributes are most of a
request's objects, and mostly those of the request before: as bytes they are looked up, not built anew.
"""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from ingest_gateway.otlp.model import Signal

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
_PAIR = f".{common_pb2.KeyValue.DESCRIPTOR.full_name}"
_ATTRIBUTES = "attributes"


def request_types() -> dict[Signal, type[Message]]:
    """The request of each signal, in a pool of its own."""
    pool = descriptor_pool.DescriptorPool()
    for file in _FILES:
        copy = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(copy)
        for message in copy.message_type:
            _leave_attributes_unread(message)
        pool.Add(copy)
    requests: dict[Signal, type[Message]] = {
        Signal.TRACES: trace_service_pb2.ExportTraceServiceRequest,
        Signal.LOGS: logs_service_pb2.ExportLogsServiceRequest,
        Signal.METRICS: metrics_service_pb2.ExportMetricsServiceRequest,
    }
    return {
        signal: message_factory.GetMessageClass(pool.FindMessageTypeByName(request.DESCRIPTOR.full_name))
        for signal, request in requests.items()
    }


def _leave_attributes_unread(message: descriptor_pb2.DescriptorProto) -> None:
    for field in message.field:
        if field.name == _ATTRIBUTES and field.type_name == _PAIR:
            field.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")
    for nested in message.nested_type:
        _leave_attributes_unread(nested)
