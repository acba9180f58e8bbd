"""OTLP/JSON: hexadecimal ids, 64-bit integers as texts or numbers, enums as integers, lowerCamelCase.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from typing import Any

import msgspec

from ingest_gateway.decode import check_values
from ingest_gateway.errors import BAD_JSON
from ingest_gateway.field_errors import from_message
from ingest_gateway.limits import Limits
from ingest_gateway.otlp.attributes import AttributeReader
from ingest_gateway.otlp.codec import Children
from ingest_gateway.otlp.metric_model import Metric, MetricsRequest
from ingest_gateway.otlp.model import AnyValue, Identifier, LogsRequest, Signal, TracesRequest
from ingest_gateway.otlp.partial_success import PartialSuccess
from ingest_gateway.otlp.status import message_of, rpc_code
from runtime.problems import ProblemError

_REJECTED_FIELDS = {
    Signal.TRACES: "rejectedSpans",
    Signal.LOGS: "rejectedLogRecords",
    Signal.METRICS: "rejectedDataPoints",
}
_VALUE_FIELDS = AnyValue.__struct_fields__
_DATA_FIELDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_NOTHING_REFUSED = b"{}"


class JsonCodec:
    """See `Codec`."""

    media_type = b"application/json"

    def __init__(self, limits: Limits) -> None:
        """`limits` are those of attributes."""
        self._limits = limits
        # Not strict: as in protobuf's JSON form, "5" is an integer and "NaN" a double.
        self._decoders: dict[Signal, msgspec.json.Decoder[Any]] = {
            Signal.TRACES: msgspec.json.Decoder(TracesRequest, strict=False),
            Signal.LOGS: msgspec.json.Decoder(LogsRequest, strict=False),
            Signal.METRICS: msgspec.json.Decoder(MetricsRequest, strict=False),
        }

    def decode(self, signal: Signal, body: bytes) -> Any:  # noqa: ANN401 - the request type of the signal
        """See `Codec`."""
        check_values(body, self._limits.max_values)
        try:
            return self._decoders[signal].decode(body)
        except msgspec.ValidationError as error:
            raise ProblemError(BAD_JSON, str(error), [from_message(0, str(error))]) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ProblemError(BAD_JSON, str(error)) from None
        except RecursionError:
            raise ProblemError(BAD_JSON, "it is nested too deep") from None

    def children(self, parent: Any, field: str) -> Children:  # noqa: ANN401 - any message
        """See `Codec`."""
        return Children(getattr(parent, field) or (), _as_it_is)

    def reader(self) -> AttributeReader:
        """See `Codec`."""
        return AttributeReader(self._limits, _kind_of)

    def identifier(self, raw: Identifier, size: int) -> str:
        """See `Codec`."""
        if not isinstance(raw, str) or len(raw) != 2 * size:
            return ""
        try:
            octets = bytes.fromhex(raw)
        except ValueError:
            return ""
        # It passes over blanks, so that fewer octets than digits are possible.
        return octets.hex() if len(octets) == size and octets != bytes(size) else ""

    def optional(self, message: Any, field: str) -> Any:  # noqa: ANN401 - any number of any message
        """See `Codec`."""
        return getattr(message, field)

    def data_field(self, metric: Metric) -> str | None:
        """See `Codec`."""
        for field in _DATA_FIELDS:
            if getattr(metric, field) is not None:
                return field
        return None

    def answer(self, signal: Signal, partial: PartialSuccess | None) -> bytes:
        """See `Codec`."""
        if partial is None:
            return _NOTHING_REFUSED
        fields = {_REJECTED_FIELDS[signal]: str(partial.rejected), "errorMessage": partial.message}
        return msgspec.json.encode({"partialSuccess": fields})

    def status(self, problem: ProblemError) -> bytes:
        """See `Codec`."""
        status = {"code": rpc_code(problem.kind.status), "message": message_of(problem)}
        return msgspec.json.encode(status)


def _as_it_is(message: Any) -> Any:  # noqa: ANN401 - any message
    return message


def _kind_of(value: AnyValue) -> str | None:
    for field in _VALUE_FIELDS:
        if getattr(value, field) is not None:
            return field
    return None
