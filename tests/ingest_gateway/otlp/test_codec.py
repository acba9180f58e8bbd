"""What both encodings have to do alike."""

from typing import Any

import pytest
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from ingest_gateway.errors import UNKNOWN_KEY
from ingest_gateway.otlp.codec import SPAN_ID_BYTES, TRACE_ID_BYTES, Codec
from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.partial_success import PartialSuccess
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from runtime.problems import ProblemError
from tests.ingest_gateway.otlp.mapping import CODECS
from tests.ingest_gateway.otlp.samples import SPAN_ID, TRACE_ID

BOTH = pytest.mark.parametrize("codec", CODECS, ids=["protobuf", "json"])
ANSWERS: dict[Signal, tuple[Any, str]] = {
    Signal.TRACES: (ExportTraceServiceResponse, "rejected_spans"),
    Signal.LOGS: (ExportLogsServiceResponse, "rejected_log_records"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejected_data_points"),
}


def wire(identifier: bytes, codec: Codec) -> bytes | str:
    return identifier if isinstance(codec, ProtobufCodec) else identifier.hex()


def parsed(codec: Codec, body: bytes, message: Any) -> Any:  # noqa: ANN401 - a protobuf message
    return (
        message.FromString(body) if isinstance(codec, ProtobufCodec) else json_format.Parse(body, message())
    )


@BOTH
@pytest.mark.parametrize(
    ("identifier", "size", "text"),
    [
        (TRACE_ID, TRACE_ID_BYTES, TRACE_ID.hex()),
        (SPAN_ID, SPAN_ID_BYTES, SPAN_ID.hex()),
        (b"", TRACE_ID_BYTES, ""),
        (bytes(16), TRACE_ID_BYTES, ""),
        (bytes(8), SPAN_ID_BYTES, ""),
        (SPAN_ID, TRACE_ID_BYTES, ""),
        (TRACE_ID + b"x", TRACE_ID_BYTES, ""),
    ],
)
def test_an_identifier_is_valid_or_empty(codec: Codec, identifier: bytes, size: int, text: str) -> None:
    assert codec.identifier(wire(identifier, codec), size) == text


@BOTH
@pytest.mark.parametrize("signal", Signal)
def test_a_full_success_says_nothing(codec: Codec, signal: Signal) -> None:
    message, _ = ANSWERS[signal]
    body = codec.answer(signal, None)
    assert parsed(codec, body, message) == message()
    assert not parsed(codec, body, message).HasField("partial_success")


@BOTH
@pytest.mark.parametrize("signal", Signal)
def test_a_partial_success_says_how_many_and_why(codec: Codec, signal: Signal) -> None:
    message, field = ANSWERS[signal]
    partial = parsed(codec, codec.answer(signal, PartialSuccess(2, "because")), message).partial_success
    assert (getattr(partial, field), partial.error_message) == (2, "because")


@BOTH
def test_an_error_is_a_status(codec: Codec) -> None:
    status = parsed(codec, codec.status(ProblemError(UNKNOWN_KEY, "create one")), Status)
    assert (status.code, status.message) == (16, "The API key is not known: create one [unknown-key]")


@BOTH
@pytest.mark.parametrize("signal", Signal)
def test_an_empty_request_is_a_request(codec: Codec, signal: Signal) -> None:
    codec.decode(signal, b"" if isinstance(codec, ProtobufCodec) else b"{}")
