"""Where records come from, and the limits of a request as a whole."""

from typing import cast

import pytest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope

from ingest_gateway.limits import Limits
from ingest_gateway.otlp.codec import Codec
from ingest_gateway.otlp.conversion import Conversion
from ingest_gateway.otlp.json_codec import JsonCodec
from ingest_gateway.otlp.logs import map_logs
from ingest_gateway.otlp.metrics import map_metrics
from ingest_gateway.otlp.model import Signal
from ingest_gateway.otlp.protobuf_codec import ProtobufCodec
from runtime.problems import ProblemError
from schemas.block import Kind
from schemas.messages.log import LogRow
from tests.ingest_gateway.otlp.mapping import CODECS, convert, rows_of
from tests.ingest_gateway.otlp.samples import logs, pairs, record

FEW = Limits(max_events=3, max_keys=18, max_event_bytes=4096)
FEW_CODECS = (ProtobufCodec(FEW), JsonCodec(FEW))


def test_a_scope_stands_beside_its_resource() -> None:
    scope = InstrumentationScope(name="s" * 300, version="1.0", attributes=pairs({"pinned": True}))
    (row,) = rows_of(logs(record(), resource={"service.name": 5, "host.name": "h"}, scope=scope))[0][Kind.LOG]
    found = cast("LogRow", row)
    assert found.scope_name.endswith("[cut from 300 characters]")
    assert found.service_name == ""
    assert found.resource_attributes == {
        "service.name": 5,
        "host.name": "h",
        "otel.scope.pinned": True,
        "otel.scope.version": "1.0",
    }


JSON_WITHOUT_ORIGIN = b'{"resourceLogs":[{}, {"resource":null,"scopeLogs":[{"logRecords":[{}]}]}]}'


@pytest.mark.parametrize(
    ("body", "count"), [(b"{}", 0), (b'{"resourceLogs":null}', 0), (JSON_WITHOUT_ORIGIN, 1)]
)
def test_an_origin_may_be_unknown(body: bytes, count: int) -> None:
    conversion = Conversion(CODECS[1], Limits(), "log records")
    rows = map_logs(CODECS[1].decode(Signal.LOGS, body), conversion)
    assert len(rows[Kind.LOG]) == count


EMPTY_PLACES = [
    b'{"resourceMetrics":[{},{},{},{}]}',
    b'{"resourceMetrics":[{"scopeMetrics":[{},{}]},{"scopeMetrics":[{},{}]}]}',
    b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{},{},{},{}]}]}]}',
]


@pytest.mark.parametrize("body", EMPTY_PLACES)
def test_places_for_records_are_counted_like_records(body: bytes) -> None:
    codec = FEW_CODECS[1]
    with pytest.raises(ProblemError) as refused:
        map_metrics(codec.decode(Signal.METRICS, body), Conversion(codec, FEW, "data points"))
    assert refused.value.kind.tag == "too-many-events"


@pytest.mark.parametrize("codec", FEW_CODECS, ids=["protobuf", "json"])
def test_records_whose_origin_cannot_be_kept_are_refused_together(codec: Codec) -> None:
    many = {str(number): number for number in range(11)}
    request = logs(record(), record(), resource=many)
    request.resource_logs.extend(logs(record("kept")).resource_logs)
    rows, partial = convert(request, codec, FEW)
    assert [cast("LogRow", row).message for row in rows[Kind.LOG]] == ["kept"]
    assert partial is not None
    assert partial.rejected == 2
    assert partial.message.startswith("refused 2 log records: 0 to 1: attributes: holds 11")


@pytest.mark.parametrize("codec", FEW_CODECS, ids=["protobuf", "json"])
def test_records_are_counted_before_they_are_mapped(codec: Codec) -> None:
    with pytest.raises(ProblemError) as refused:
        convert(logs(*[record()] * 4), codec, FEW)
    assert refused.value.kind.tag == "too-many-events"


def test_what_stands_once_may_not_become_much() -> None:
    """A hundred kilobytes of resource on each of many records would be gigabytes of rows."""
    resource = {str(number): "x" * 1000 for number in range(100)}
    rows_of(logs(*[record()] * 50, resource=resource))
    for codec in CODECS:
        with pytest.raises(ProblemError) as refused:
            convert(logs(*[record()] * 100, resource=resource), codec)
        assert refused.value.kind.tag == "events-too-large"


@pytest.mark.parametrize("codec", FEW_CODECS, ids=["protobuf", "json"])
def test_a_second_try_refuses_too_large_rows_alone(codec: Codec) -> None:
    request = logs(record("small"), record("x" * 4096))
    assert len(convert(request, codec, FEW)[0][Kind.LOG]) == 2
    rows, partial = convert(request, codec, FEW, checks_rows=True)
    assert len(rows[Kind.LOG]) == 1
    assert partial is not None
    assert partial.message.startswith("refused 1 log records: 1: makes ")
