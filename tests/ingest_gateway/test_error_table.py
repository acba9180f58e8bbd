"""Each row of the table of errors is provoked, and answered as the table says; a row without a case fails."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from ingest_gateway.disk_guard import DiskGuard
from ingest_gateway.limits import Limits
from ingest_gateway.openapi_errors import error_kinds
from runtime.connection_limits import ConnectionLimits
from runtime.kafka_disk import DiskLimits
from runtime.problems import ErrorKind
from schemas.control import Agent, ApiKey
from schemas.identity import new_api_key
from tests.ingest_gateway.fakes import AGENT, SUSPENDED, TOKEN, api_key
from tests.ingest_gateway.harness import LIMITS, LOG, LOGS, Harness, running
from tests.runtime.serving import serving

MIB = 1024 * 1024
AS_JSON = {"Content-Type": "application/json"}
AS_GZIP = AS_JSON | {"Content-Encoding": "gzip"}
TRACES = "/v1/traces"
EVENTS = "/v1/telemetry/events"

Provocation = Callable[[Harness], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Case:
    """How a row is provoked: by a request to the application, and in which state of it."""

    provoke: Provocation
    records: tuple[Agent | ApiKey, ...] = ()
    limits: Limits = LIMITS
    ready: bool = True
    full: bool = False


def post(path: str = LOGS, **request: Any) -> Provocation:  # noqa: ANN401 - httpx's own
    return lambda harness: harness.post(path, **request)


def body(content: bytes | str, **headers: str) -> Provocation:
    return post(content=content, headers=AS_JSON | headers)


def packed(size: int) -> Provocation:
    return post(content=gzip.compress(bytes(size)), headers=AS_GZIP)


async def twice(harness: Harness) -> httpx.Response:
    headers = {"Idempotency-Key": "k"}
    await harness.post(headers=headers)
    return await harness.post(json=LOG | {"message": "other"}, headers=headers)


async def too_often(harness: Harness) -> httpx.Response:
    await harness.post()
    return await harness.post()


async def while_kafka_hangs(harness: Harness) -> httpx.Response:
    harness.sink.hang()
    response = await harness.post()
    harness.sink.flow()
    return response


async def while_kafka_fails(harness: Harness) -> httpx.Response:
    harness.sink.failing = True
    return await harness.post()


async def after_a_bug(harness: Harness) -> httpx.Response:
    harness.gateway.intake = lambda: 1 / 0  # type: ignore[assignment,method-assign,return-value] # the bug
    return await harness.post()


async def of_another_method(harness: Harness) -> httpx.Response:
    return await harness.client.delete(LOGS)


CASES: dict[str, Case] = {
    "bad-json": Case(body("{")),
    "bad-protobuf": Case(post(TRACES, content=b"\xff", headers={"Content-Type": "application/x-protobuf"})),
    "bad-idempotency-key": Case(post(headers={"Idempotency-Key": "x" * 256})),
    "bad-content-length": Case(body("{}", **{"Content-Length": "1_0"})),
    "repeated-header": Case(
        lambda harness: harness.client.post(LOGS, headers=[("X-Agent-ID", "a"), ("X-Agent-ID", "b")])
    ),
    "bad-content-encoding": Case(post(content=b"no gzip", headers=AS_GZIP)),
    "key-in-url": Case(post(f"{LOGS}?api_key=x")),
    "missing-key": Case(post(headers={"Authorization": ""})),
    "mistyped-key": Case(post(headers={"Authorization": f"Bearer {TOKEN}x"})),
    "unknown-key": Case(post(headers={"Authorization": f"Bearer {new_api_key('agent-1')}"})),
    "expired-key": Case(post(), (AGENT, api_key(expires_at=1))),
    "revoked-key": Case(post(), (AGENT, api_key(revoked_at=1))),
    "address-not-allowed": Case(post(), (AGENT, api_key(allowed_networks=("10.0.0.0/8",)))),
    "missing-permission": Case(post(), (AGENT, api_key(permissions=()))),
    "agent-suspended": Case(post(), (SUSPENDED, api_key())),
    "other-tenant": Case(
        post(EVENTS, json={"instance_id": "agent-1", "tenant_id": "umbrella", "event_type": "RunStart"})
    ),
    "other-agent": Case(post(json=LOG | {"agentId": "agent-2"})),
    "not-found": Case(post("/nowhere")),
    "method-not-allowed": Case(of_another_method),
    "body-too-large": Case(body(" " * 100_001)),
    "decoded-too-large": Case(packed(200_000), limits=Limits(max_decoded_bytes=100_000)),
    "compression-too-high": Case(packed(4 * MIB)),
    "too-many-values": Case(body("[" + "0," * 2000 + "0]"), limits=Limits(max_values=1000)),
    "too-many-events": Case(post(json=[LOG] * 51)),
    "event-too-large": Case(post(json=LOG | {"context": "x" * 2000}), limits=Limits(max_event_bytes=1024)),
    "events-too-large": Case(
        post(json=[LOG | {"message": "x" * 65_536}] * 130), limits=Limits(max_body_bytes=64 * MIB)
    ),
    "wrong-content-type": Case(post(content="{}", headers={"Content-Type": "text/plain"})),
    "wrong-content-encoding": Case(body("{}", **{"Content-Encoding": "br"})),
    "bad-fields": Case(post(json=LOG | {"level": "loud"})),
    "no-events": Case(post(json=[])),
    "idempotency-key-reused": Case(twice),
    "rate-limited": Case(too_often, limits=Limits(requests_per_second=1)),
    "internal": Case(after_a_bug),
    "not-ready": Case(post(), ready=False),
    "kafka-unavailable": Case(while_kafka_fails),
    "outcome-unknown": Case(while_kafka_hangs),
    "overloaded": Case(post(), limits=replace(LIMITS, unacknowledged_bytes=100)),
    "log-full": Case(post(), full=True),
}

HEAD = f"POST {LOGS} HTTP/1.1\r\nHost: h\r\n".encode()
AUTHORIZED = HEAD + f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n".encode()
CONNECTIONS = ConnectionLimits(head_seconds=0.2, body_seconds=0.2)
# What the server answers before the application is asked, by the bytes that are sent.
WIRE: dict[str, tuple[bytes, ConnectionLimits]] = {
    "bad-request": (b"nonsense\r\n\r\n", CONNECTIONS),
    "slow-head": (HEAD, CONNECTIONS),
    "slow-body": (AUTHORIZED + b"Content-Length: 9\r\n\r\n{", CONNECTIONS),
    "url-too-long": (b"POST /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", CONNECTIONS),
    "head-too-large": (HEAD + b"A: " + b"x" * 20_000 + b"\r\n\r\n", CONNECTIONS),
    "too-many-connections": (b"", replace(CONNECTIONS, max_connections=0)),
}


def kind_of(tag: str) -> ErrorKind:
    return next(kind for kind in error_kinds() if kind.tag == tag)


def test_every_row_has_one_case() -> None:
    assert not CASES.keys() & WIRE.keys()
    assert CASES.keys() | WIRE.keys() == {kind.tag for kind in error_kinds()}


def check_answer(kind: ErrorKind, status: int, headers: Mapping[str, str], content: bytes) -> None:
    assert status == kind.status, content
    is_otlp = headers["content-type"] == "application/x-protobuf"
    if not is_otlp:
        problem = json.loads(content)
        assert headers["content-type"] == "application/problem+json"
        assert (problem["tag"], problem["title"], problem["status"]) == (kind.tag, kind.title, kind.status)
        assert problem["type"] == (kind.type_uri or f"urn:promethios:problem:{kind.tag}")
        assert problem["detail"]
    assert kind.title.encode() in content or is_otlp
    assert ("retry-after" in headers) is (kind.retry_after is not None)
    assert ("www-authenticate" in headers) is (status == 401)
    assert TOKEN.encode() not in content


@pytest.mark.parametrize("tag", CASES)
async def test_the_application_answers_as_the_table_says(tag: str, tmp_path: Path) -> None:
    case, kind = CASES[tag], kind_of(tag)
    guard = None
    if case.full:
        (tmp_path / "segment").write_bytes(b"x" * 2000)
        guard = DiskGuard(tmp_path, DiskLimits(cap_bytes=1000, min_free_bytes=0), every=0.01)
    async with running(*case.records, limits=case.limits, ready=case.ready, disk=guard) as harness:
        while guard is not None and not guard.is_full:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)
        with capture_logs() as logs:
            response = await case.provoke(harness)
        check_answer(kind, response.status_code, response.headers, response.content)
        metrics = (await harness.client.get("/metrics/worker")).text
        assert f'promethios_gateway_rejections_total{{tag="{tag}",worker="3"}} 1.0' in metrics
    refusals = [entry for entry in logs if entry["event"] == "request_refused"]
    assert [(entry["tag"], entry["log_level"]) for entry in refusals] == (
        [] if kind.status in {404, 405} else [(tag, kind.log_level)]
    )
    assert TOKEN not in str(logs)


@pytest.mark.parametrize("tag", WIRE)
async def test_the_server_answers_as_the_table_says(tag: str) -> None:
    sent, limits = WIRE[tag]
    async with running() as harness, serving(harness.app, limits) as server:
        answer = await server.exchange(*([sent] if sent else []))
        assert server.refused == [tag]
    head, _, content = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers["connection"] == "close"
    check_answer(kind_of(tag), int(status.split()[1]), headers, content)
