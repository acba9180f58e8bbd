"""The same for OpenTelemetry's routes, whose records may be refused one by one: a success that says so."""

from dataclasses import replace

from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint

from tests.ingest_gateway.otlp.samples import as_json, logs, metrics, pairs, record, span, traces
from tests.integration.bad_requests import BODIES, TAKEN, VALUES, Attack, Target, Within

_PROTOBUF = {"Content-Type": "application/x-protobuf"}
_PLACE = {"any": "<here>"}
_POINT = NumberDataPoint(as_int=1, time_unix_nano=1, attributes=pairs(_PLACE))
_REQUESTS: dict[str, Message] = {
    "traces": traces(span(_PLACE)),
    "logs": logs(record(attributes=_PLACE)),
    "metrics": metrics(Metric(name="m", gauge=Gauge(data_points=[_POINT]))),
}
JSON_TARGETS = [
    Target(f"{name}-json", f"/v1/{name}", as_json(request)) for name, request in _REQUESTS.items()
]
PROTOBUF_TARGETS = [
    Target(f"{name}-protobuf", f"/v1/{name}", request.SerializeToString(), headers=_PROTOBUF)
    for name, request in _REQUESTS.items()
]

_NO_JSON = {"bad-json"}
_NO_PROTOBUF = {"bad-protobuf"}


def _of_json(attack: Attack) -> Attack:
    """The place is a text in OTLP, and fields of other names count for nothing."""
    tags = attack.tags - {"bad-fields", "event-too-large"} | _NO_JSON
    if attack.name in {"an empty object", "300,000 keys"} or attack.name.startswith("a text of"):
        tags.add(TAKEN)
    return replace(attack, tags=tags)


def _value(depth: int) -> bytes:
    return b'{"arrayValue":{"values":[' * depth + b'{"intValue":"1"}' + b"]}}" * depth


def _attribute(value: bytes) -> bytes:
    """What closes the text in its place, and adds an attribute."""
    return b'"x"}},{"key":"deep","value":' + value + b'},{"key":"k","value":{"stringValue":"y"'


JSON_ATTACKS = [
    *map(_of_json, BODIES),
    *map(_of_json, VALUES),
    Attack("arrays of values, 100,000 deep", _NO_JSON, Within(_attribute(_value(100_000)))),
    Attack("arrays of values, 100 deep", _NO_JSON | {TAKEN}, Within(_attribute(_value(100)))),
    Attack(
        "an integer of 200,000 digits",
        _NO_JSON,
        Within(_attribute(b'{"intValue":"' + b"1" * 200_000 + b'"}')),
    ),
    Attack("not a number, as a text", {TAKEN}, Within(_attribute(b'{"doubleValue":"NaN"}'))),
    Attack("bytes that are not base64", _NO_JSON, Within(_attribute(b'{"bytesValue":"#"}'))),
    Attack(
        "an attribute without end",
        {TAKEN},
        Within(_attribute(b'{"stringValue":"' + b"x" * 1_000_000 + b'"}')),
    ),
]


def _field(number: int, content: bytes) -> bytes:
    """A field of bytes, as protobuf has it on the wire."""
    length, size = len(content), b""
    while length > 0x7F:
        size += bytes([length & 0x7F | 0x80])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content


def _nested(levels: int) -> bytes:
    """An AnyValue of arrays (field 5, values are field 1)."""
    value = AnyValue(int_value=1).SerializeToString()
    for _ in range(levels):
        value = _field(5, _field(1, value))
    return value


def _in_resource(attribute: bytes) -> bytes:
    """A request whose one resource (field 1 of field 1) has this attribute (field 1)."""
    return _field(1, _field(1, _field(1, attribute)) + _field(2, _field(2, b"")))


_PAIR = _field(1, b"any")
PROTOBUF_ATTACKS = [
    Attack("no body", {TAKEN}, b""),
    Attack("JSON", _NO_PROTOBUF, b'{"resourceSpans":[]}'),
    Attack("random bytes", _NO_PROTOBUF, bytes(range(255, 0, -1)) * 40),
    Attack("a length of 2 GiB", _NO_PROTOBUF, b"\x0a\xff\xff\xff\xff\x07"),
    Attack("a length of ten bytes", _NO_PROTOBUF, b"\x0a" + b"\xff" * 10),
    Attack("a group that is not closed", _NO_PROTOBUF, b"\x0b"),
    Attack("groups 100,000 deep", _NO_PROTOBUF, b"\x0b" * 100_000 + b"\x0c" * 100_000),
    Attack("another wire type", _NO_PROTOBUF | {TAKEN}, b"\x08\x01" * 1000),
    Attack("an attribute that is none", {TAKEN}, _in_resource(b"\xff" * 20)),
    Attack("a text that is not UTF-8", {TAKEN}, _in_resource(_PAIR + _field(2, _field(1, b"\xff\xfe")))),
    Attack("arrays 100,000 deep", {TAKEN}, _in_resource(_PAIR + _field(2, _nested(20_000)))),
    Attack("arrays 50 deep", {TAKEN}, _in_resource(_PAIR + _field(2, _nested(50)))),
    Attack("a million empty resources", {"too-many-values"}, b"\x0a\x00" * 1_000_000),
    Attack("2 million unknown fields", {TAKEN}, b"\x78\x01" * 2_000_000),
    Attack(
        "a million empty attributes",
        {"too-many-values", TAKEN},
        _field(1, _field(1, b"\x0a\x00" * 1_000_000)),
    ),
    Attack("an attribute without end", {TAKEN}, _in_resource(_PAIR + _field(2, _field(1, b"x" * 1_000_000)))),
    Attack("more than is taken", {"body-too-large"}, bytes(4 * 1024 * 1024 + 1)),
]
