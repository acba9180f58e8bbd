"""OTLP in protobuf, read with the official messages."""

from typing import Any

from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from ingest_gateway.errors import BAD_PROTOBUF, TOO_MANY_VALUES
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import AttributeReader
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES, Children
from ingest_gateway.otlp.metric_model import Metric
from ingest_gateway.otlp.model import AnyValue, Identifier, Signal
from ingest_gateway.otlp.partial_success import PartialSuccess
from ingest_gateway.otlp.protobuf_attributes import KnownPairs, ProtobufAttributeReader
from ingest_gateway.otlp.protobuf_view import ProtobufView
from ingest_gateway.otlp.status import message_of, rpc_code
from runtime.problems import ProblemError

_VIEW = ProtobufView()
_NOTHING_REFUSED = b""
_ZEROS = {size: bytes(size) for size in (SPAN_ID_BYTES, TRACE_ID_BYTES)}


class ProtobufCodec:
    """See `Codec`."""

    media_type = b"application/x-protobuf"

    def __init__(self, limits: Limits) -> None:
        """`limits` are those of attributes."""
        self._limits = limits
        self._known = KnownPairs(limits, _kind_of)

    def decode(self, signal: Signal, body: bytes) -> Any:  # noqa: ANN401 - the request type of the signal
        """See `Codec`."""
        try:
            return _VIEW.requests[signal].FromString(body)
        except DecodeError as error:
            raise ProblemError(BAD_PROTOBUF, f"{error}: send an export request of this signal") from None

    def children(self, parent: Any, field: str) -> Children:  # noqa: ANN401 - any message
        """See `Codec`."""
        found = getattr(parent, field)
        if len(found) > self._limits.max_values:
            raise ProblemError(TOO_MANY_VALUES, f"send at most {self._limits.max_values} in a request")
        # A slice is a list, which the container of protobuf makes faster than it is iterated over.
        return Children(found[:], _VIEW.readers[type(parent), field])

    def reader(self) -> AttributeReader:
        """See `Codec`."""
        return ProtobufAttributeReader(self._limits, _kind_of, self._known)

    def identifier(self, raw: Identifier, size: int) -> str:
        """See `Codec`."""
        octets: Any = raw
        return octets.hex() if len(octets) == size and octets != _ZEROS[size] else ""

    def optional(self, message: Any, field: str) -> Any:  # noqa: ANN401 - any number of any message
        """See `Codec`."""
        return getattr(message, field) if message.HasField(field) else None

    def data_field(self, metric: Metric) -> str | None:
        """See `Codec`."""
        return _which(metric, "data")

    def answer(self, signal: Signal, partial: PartialSuccess | None) -> bytes:
        """See `Codec`."""
        if partial is None:
            return _NOTHING_REFUSED
        return _partial(signal, partial).SerializeToString()

    def status(self, problem: ProblemError) -> bytes:
        """See `Codec`."""
        status: Message = Status(code=rpc_code(problem.kind.status), message=message_of(problem))
        return status.SerializeToString()


def _partial(signal: Signal, partial: PartialSuccess) -> Message:
    rejected, text = partial
    match signal:
        case Signal.TRACES:
            spans = ExportTracePartialSuccess(rejected_spans=rejected, error_message=text)
            return ExportTraceServiceResponse(partial_success=spans)
        case Signal.LOGS:
            records = ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=text)
            return ExportLogsServiceResponse(partial_success=records)
        case Signal.METRICS:
            points = ExportMetricsPartialSuccess(rejected_data_points=rejected, error_message=text)
            return ExportMetricsServiceResponse(partial_success=points)


def _kind_of(value: AnyValue) -> str | None:
    return _which(value, "value")


def _which(message: Any, oneof: str) -> str | None:  # noqa: ANN401 - a protobuf message in the shape of a model
    field: str | None = message.WhichOneof(oneof)
    return field
