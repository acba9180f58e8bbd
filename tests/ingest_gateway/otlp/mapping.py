"""Requests to rows by both encodings, which have to agree."""

from typing import Any

from google.protobuf.message import Message

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.conversion import Conversion, Rows
from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.partial_success import PartialSuccess
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from ingest_gateway.otlp.routes import OTLP_ROUTES, OtlpRoute
from tests.ingest_gateway.otlp.samples import as_json

LIMITS = Limits()
CODECS: tuple[Codec, ...] = (ProtobufCodec(LIMITS), JsonCodec(LIMITS))


def encoded(request: Message, codec: Codec) -> bytes:
    return request.SerializeToString() if isinstance(codec, ProtobufCodec) else as_json(request)


def route_of(request: Message) -> OtlpRoute:
    plural = {"ExportTraceServiceRequest": "traces", "ExportLogsServiceRequest": "logs"}
    signal = plural.get(request.DESCRIPTOR.name, "metrics")
    return next(route for route in OTLP_ROUTES if route.signal == signal)


def convert(
    request: Message,
    codec: Codec,
    limits: Limits = LIMITS,
    **options: Any,  # noqa: ANN401 - of a conversion
) -> tuple[Rows, PartialSuccess | None]:
    route = route_of(request)
    conversion = Conversion(codec, limits, route.noun, **options)
    rows = route.map(codec.decode(route.signal, encoded(request, codec)), conversion)
    return rows, conversion.refusals.partial_success()


def rows_of(request: Message, **options: Any) -> tuple[Rows, PartialSuccess | None]:  # noqa: ANN401 - of a conversion
    by_protobuf, by_json = (convert(request, codec, **options) for codec in CODECS)
    assert by_protobuf == by_json
    return by_protobuf


def first_child(codec: Codec, parent: Any, field: str) -> Any:  # noqa: ANN401 - any message
    children = codec.children(parent, field)
    return children.read(children.items[0])


def first_record(codec: Codec, body: bytes) -> Any:  # noqa: ANN401 - a log record
    message = codec.decode(Signal.LOGS, body)
    for field in ("resource_logs", "scope_logs", "log_records"):
        message = first_child(codec, message, field)
    return message
