"""The routes of OTLP/HTTP over fakes: answers in the request's encoding, and nothing half-stored."""

import gzip
import json
import zlib
from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.metrics.v1.metrics_pb2 import Gauge, Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from ingest_gateway.limits import Limits
from schemas.block import Block, decode_block
from schemas.permissions import Permission
from tests.ingest_gateway.fakes import AGENT, TOKEN, api_key
from tests.ingest_gateway.harness import Harness, running
from tests.ingest_gateway.otlp.samples import as_json, logs, metrics, pairs, record, span, traces

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 3,
}
TRACES = traces(span(CALL))
LOGS = logs(record("one"), record("two"))
METRICS = metrics(Metric(name="m", gauge=Gauge(data_points=[NumberDataPoint(as_int=1)])))
REQUESTS = [("/v1/traces", TRACES), ("/v1/logs", LOGS), ("/v1/metrics", METRICS)]
BY_PATH = pytest.mark.parametrize(("path", "request_"), REQUESTS, ids=[path for path, _ in REQUESTS])
BY_TYPE = pytest.mark.parametrize("headers", [PROTOBUF, JSON], ids=["protobuf", "json"])


def encoded(request: Message, headers: dict[str, str]) -> bytes:
    return as_json(request) if headers == JSON else request.SerializeToString()


async def send(harness: Harness, path: str, request: Message, headers: dict[str, str]) -> httpx.Response:
    kind = {name: value for name, value in headers.items() if name == "Content-Type"}
    return await harness.post(path, content=encoded(request, kind), headers=headers)


def blocks(harness: Harness) -> dict[str, Block]:
    found = [decode_block(headers, value) for _, value, headers in harness.sink.records]
    return {block.kind: block for block in found}


def status_of(response: httpx.Response) -> tuple[int, str]:
    """The answer's error in the encoding that it says it has."""
    if response.headers["content-type"] == "application/x-protobuf":
        status = Status.FromString(response.content)
    else:
        assert response.headers["content-type"] == "application/json"
        status = json_format.Parse(response.text, Status())
    return status.code, status.message


@BY_PATH
@BY_TYPE
async def test_every_signal_is_taken_in_both_encodings(
    path: str, request_: Message, headers: dict[str, str]
) -> None:
    async with running() as harness:
        response = await send(harness, path, request_, headers)
        assert (response.status_code, response.headers["content-type"]) == (200, headers["Content-Type"])
        assert response.content == (b"{}" if headers == JSON else b"")
        kinds = {"/v1/traces": {"event", "cost"}, "/v1/logs": {"log"}, "/v1/metrics": {"otel_metric"}}
        assert set(blocks(harness)) == kinds[path]


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)]
)
async def test_compressed_requests_are_unpacked(encoding: str, compress: Any) -> None:  # noqa: ANN401 - a function
    async with running() as harness:
        packed = compress(LOGS.SerializeToString())
        response = await harness.post(
            "/v1/logs", content=packed, headers=PROTOBUF | {"Content-Encoding": encoding}
        )
        assert response.status_code == 200
        assert blocks(harness)["log"].segments[0].lines == 2


@BY_PATH
@BY_TYPE
async def test_an_empty_request_is_a_success(path: str, request_: Message, headers: dict[str, str]) -> None:
    async with running() as harness:
        response = await send(harness, path, type(request_)(), headers)
        assert response.status_code == 200
        assert harness.sink.records == []


@BY_PATH
async def test_a_repeated_request_has_the_same_batch(path: str, request_: Message) -> None:
    async with running() as harness:
        for _ in range(2):
            await send(harness, path, request_, PROTOBUF)
        packed = gzip.compress(request_.SerializeToString())
        await harness.post(path, content=packed, headers=PROTOBUF | {"Content-Encoding": "gzip"})
        found = [decode_block(headers, value) for _, value, headers in harness.sink.records]
        for kind in {block.kind for block in found}:
            segments = [block.segments[0] for block in found if block.kind == kind]
            assert len(segments) == 3
            assert len({segment.batch_id for segment in segments}) == 1
            assert all(segment.keyed for segment in segments)


async def test_other_bytes_make_another_batch() -> None:
    async with running() as harness:
        await send(harness, "/v1/logs", LOGS, PROTOBUF)
        await send(harness, "/v1/logs", logs(record("one"), record("three")), PROTOBUF)
        found = [decode_block(headers, value) for _, value, headers in harness.sink.records]
        assert len({block.segments[0].batch_id for block in found}) == 2


async def test_an_idempotency_key_counts_before_the_bytes() -> None:
    key = {"Idempotency-Key": "abc"}
    async with running() as harness:
        assert (await send(harness, "/v1/logs", LOGS, PROTOBUF | key)).status_code == 200
        other = await send(harness, "/v1/logs", logs(record("other")), PROTOBUF | key)
        assert other.status_code == 422
        assert "[idempotency-key-reused]" in status_of(other)[1]


@BY_TYPE
async def test_what_cannot_be_kept_is_refused_and_the_rest_is_stored(headers: dict[str, str]) -> None:
    async with running() as harness:
        response = await send(harness, "/v1/traces", traces(span(trace_id=b"x"), span()), headers)
        assert response.status_code == 200
        if headers == JSON:
            answer = json_format.Parse(response.text, ExportTraceServiceResponse())
        else:
            answer = ExportTraceServiceResponse.FromString(response.content)
        assert answer.partial_success.rejected_spans == 1
        assert "trace_id" in answer.partial_success.error_message
        assert blocks(harness)["event"].segments[0].lines == 1


async def test_when_all_are_refused_nothing_is_stored() -> None:
    async with running() as harness:
        response = await send(harness, "/v1/traces", traces(span(trace_id=b"x")), JSON)
        assert response.json()["partialSuccess"]["rejectedSpans"] == "1"
        assert harness.sink.records == []
        page = (await harness.client.get("/metrics")).text
        assert 'promethios_gateway_refused_records_total{route="otlp_traces"' in page


async def test_a_record_that_makes_too_large_a_row_is_refused_alone() -> None:
    limits = Limits(block_delay_seconds=0.001, max_event_bytes=2000)
    async with running(limits=limits) as harness:
        response = await send(harness, "/v1/logs", logs(record("small"), record("x" * 2000)), JSON)
        partial = response.json()["partialSuccess"]
        assert partial["rejectedLogRecords"] == "1"
        assert "1: makes " in partial["errorMessage"]
        assert blocks(harness)["log"].segments[0].lines == 1


async def test_without_the_permission_for_costs_only_events_are_stored() -> None:
    key = api_key(permissions=(Permission.EVENTS_WRITE,))
    async with running(AGENT, key) as harness:
        response = await send(harness, "/v1/traces", TRACES, JSON)
        assert response.json()["partialSuccess"] == {
            "rejectedSpans": "0",
            "errorMessage": "token costs were not stored: the key lacks the permission costs.write",
        }
        assert set(blocks(harness)) == {"event"}


@BY_PATH
async def test_each_route_needs_its_permission(path: str, request_: Message) -> None:
    needed = {
        "/v1/traces": Permission.EVENTS_WRITE,
        "/v1/logs": Permission.LOGS_WRITE,
        "/v1/metrics": Permission.METRICS_WRITE,
    }[path]
    others = tuple(permission for permission in Permission if permission is not needed)
    async with running(AGENT, api_key(permissions=others)) as harness:
        response = await send(harness, path, request_, PROTOBUF)
        assert (response.status_code, status_of(response)[0]) == (403, 7)
        assert harness.sink.records == []


@BY_TYPE
@pytest.mark.parametrize(
    ("change", "status", "code", "tag"),
    [
        ({"Authorization": ""}, 401, 16, "missing-key"),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401, 16, "mistyped-key"),
        ({"X-Agent-ID": "agent-2"}, 403, 7, "other-agent"),
        ({"Content-Encoding": "br"}, 415, 3, "wrong-content-encoding"),
        ({"Content-Encoding": "gzip"}, 400, 3, "bad-content-encoding"),
        ({"Idempotency-Key": '"'}, 400, 3, "bad-idempotency-key"),
    ],
)
async def test_errors_are_in_the_encoding_of_the_request(
    headers: dict[str, str], change: dict[str, str], status: int, code: int, tag: str
) -> None:
    async with running() as harness:
        response = await send(harness, "/v1/logs", LOGS, headers | change)
        assert response.status_code == status
        found, message = status_of(response)
        assert (found, message.rsplit("[", 1)[1]) == (code, f"{tag}]")
        assert response.headers["content-type"] == headers["Content-Type"]
        assert harness.sink.records == []
        metrics_page = (await harness.client.get("/metrics")).text
        assert f'promethios_gateway_rejections_total{{tag="{tag}"' in metrics_page


@pytest.mark.parametrize(
    ("path", "content", "headers", "status", "tag"),
    [
        ("/v1/logs", b"\xff", PROTOBUF, 400, "bad-protobuf"),
        ("/v1/logs", b"{", JSON, 400, "bad-json"),
        ("/v1/logs", b"{}", {"Content-Type": "text/plain"}, 415, "wrong-content-type"),
        ("/v1/logs", b"{}", {}, 415, "wrong-content-type"),
        ("/v1/logs", b"\0" * 100_001, PROTOBUF, 413, "body-too-large"),
        ("/v1/logs", logs(*[record()] * 51).SerializeToString(), PROTOBUF, 413, "too-many-events"),
        # Twenty spans of calls are sixty rows.
        ("/v1/traces", traces(*[span(CALL)] * 20).SerializeToString(), PROTOBUF, 413, "too-many-events"),
    ],
)
async def test_what_is_no_request_is_refused(
    path: str, content: bytes, headers: dict[str, str], status: int, tag: str
) -> None:
    async with running() as harness:
        response = await harness.post(path, content=content, headers=headers)
        assert response.status_code == status
        assert status_of(response)[1].endswith(f"[{tag}]")
        assert harness.sink.records == []


async def test_without_kafka_an_sdk_is_told_to_try_again() -> None:
    async with running() as harness:
        harness.sink.failing = True
        response = await send(harness, "/v1/logs", LOGS, PROTOBUF)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert status_of(response)[0] == 14


async def test_a_bug_is_answered_without_details(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as harness:
        monkeypatch.setattr(harness.gateway, "intake", lambda: 1 / 0)
        response = await send(harness, "/v1/logs", LOGS, JSON)
        assert (response.status_code, status_of(response)[0]) == (500, 13)
        assert "division" not in response.text


async def test_other_methods_are_not_taken() -> None:
    async with running() as harness:
        assert (await harness.client.get("/v1/traces")).status_code == 405


async def test_a_request_written_by_hand_is_taken() -> None:
    """As the documentation shows it."""
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "hello"}}]}]}]}
    async with running() as harness:
        response = await harness.post("/v1/logs", content=json.dumps(body), headers=JSON)
        assert response.status_code == 200
        assert b'"message":"hello"' in blocks(harness)["log"].value


async def test_secrets_are_masked_wherever_a_record_holds_them() -> None:
    secret = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
    body = {"answer": [f"use {secret}"]}
    resource = {"service.name": "s", "password": "hunter2-hunter2"}
    request = logs(record(body, {"prompt": secret}), resource=resource)
    step = span(
        {"prompt": f"my key is {secret}"}, events=[Span.Event(name="e", attributes=pairs({"k": secret}))]
    )
    async with running() as harness:
        for path, sent in (("/v1/logs", request), ("/v1/traces", traces(step, resource=resource))):
            assert (await send(harness, path, sent, PROTOBUF)).status_code == 200
        stored = b"".join(value for _, value, _ in harness.sink.records)
        assert secret.encode() not in stored
        assert b"hunter2" not in stored
