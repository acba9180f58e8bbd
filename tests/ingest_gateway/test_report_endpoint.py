"""The reporting routes over fakes: every answer, and nothing half-stored."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import schemas
from ingest_gateway import authentication
from ingest_gateway.limits import Limits
from schemas.block import decode_block
from schemas.identity import new_api_key
from schemas.messages.registry import REPORT_ROUTES
from schemas.permissions import Permission
from tests.ingest_gateway.fakes import AGENT, TOKEN, api_key
from tests.ingest_gateway.harness import LIMITS, LOG, LOGS, Harness, running, tag_of

EXAMPLES = Path(schemas.__file__).parent / "examples"
AS_JSON = {"Content-Type": "application/json"}
AS_LINES = {"Content-Type": "application/x-ndjson"}
PATHS = {route.name: route.path for route in REPORT_ROUTES}


def examples(verdict: str) -> list[tuple[str, Path]]:
    found = [(name, path) for name in PATHS for path in sorted((EXAMPLES / name / "v1" / verdict).iterdir())]
    assert len(found) > len(PATHS)
    return found


def stored_rows(harness: Harness) -> int:
    blocks = [decode_block(headers, value) for _, value, headers in harness.sink.records]
    return sum(segment.lines for block in blocks for segment in block.segments)


def as_agent_1(path: Path) -> bytes:
    body = json.loads(path.read_bytes())
    for field in {"agentId", "instance_id"} & body.keys():
        body[field] = AGENT.agent_id
    if "tenant_id" in body:
        body["tenant_id"] = AGENT.tenant_id
    return json.dumps(body).encode()


@pytest.mark.parametrize(("name", "path"), examples("valid"), ids=str)
async def test_every_valid_example_is_taken(name: str, path: Path) -> None:
    async with running() as harness:
        response = await harness.post(PATHS[name], content=as_agent_1(path), headers=AS_JSON)
        assert response.status_code == 202, response.text
        assert response.json()["accepted"] == 1
        assert stored_rows(harness) == sum(response.json()["rows"].values())


@pytest.mark.parametrize(("name", "path"), examples("invalid"), ids=str)
async def test_every_invalid_example_is_refused_by_field(name: str, path: Path) -> None:
    async with running() as harness:
        response = await harness.post(PATHS[name], content=as_agent_1(path), headers=AS_JSON)
        assert (response.status_code, tag_of(response)) == (422, "bad-fields"), response.text
        assert response.json()["errors"][0]["index"] == 0
        assert harness.sink.records == []


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (json.dumps([LOG, LOG, LOG]), AS_JSON),
        ("\n".join([json.dumps(LOG)] * 3), AS_LINES),
        ("\n".join([json.dumps(LOG)] * 3), AS_JSON),
    ],
)
async def test_arrays_and_lines_are_counted(content: str, headers: dict[str, str]) -> None:
    async with running() as harness:
        response = await harness.post(content=content, headers=headers)
        assert response.status_code == 202
        assert (response.json()["accepted"], response.json()["rows"]) == (3, {"log": 3})
        assert stored_rows(harness) == 3


async def test_the_same_idempotency_key_gives_the_same_batch() -> None:
    async with running() as harness:
        answers = [
            (await harness.post(headers={"Idempotency-Key": key})).json()["batch_id"]
            for key in ("abc", '"abc"', "other")
        ]
        assert answers[0] == answers[1] != answers[2]
        segments = [decode_block(h, v).segments[0] for _, v, h in harness.sink.records]
        assert [str(uuid.UUID(bytes=segment.batch_id)) for segment in segments] == answers
        assert all(segment.keyed for segment in segments)


@pytest.mark.parametrize(
    ("headers", "content", "status", "tag"),
    [
        ({"Authorization": ""}, "{}", 401, "missing-key"),
        ({"Authorization": f"Bearer {TOKEN}x"}, "{}", 401, "mistyped-key"),
        ({"Authorization": f"Bearer {new_api_key('agent-1')}"}, "{}", 401, "unknown-key"),
        ({"X-Agent-ID": "agent-2"}, "{}", 403, "other-agent"),
        ({"X-Governance-ID": "gov-2"}, "{}", 403, "other-agent"),
        ({"Idempotency-Key": "x" * 256}, "{}", 400, "bad-idempotency-key"),
        ({"Content-Type": "text/plain"}, "{}", 415, "wrong-content-type"),
        ({"Content-Encoding": "br"}, "{}", 415, "wrong-content-encoding"),
        ({}, "{", 400, "bad-json"),
        ({}, "[]", 422, "no-events"),
        ({}, json.dumps([LOG] * 51), 413, "too-many-events"),
        ({}, " " * 100_001, 413, "body-too-large"),
        ({}, json.dumps([LOG, LOG | {"level": "loud"}]), 422, "bad-fields"),
        ({}, json.dumps([LOG, LOG | {"agentId": "agent-2"}]), 403, "other-agent"),
    ],
)
async def test_refusals_say_why_and_store_nothing(
    headers: dict[str, str], content: str, status: int, tag: str
) -> None:
    async with running() as harness:
        response = await harness.post(content=content, headers=AS_JSON | headers)
        assert (response.status_code, tag_of(response)) == (status, tag)
        assert harness.sink.records == []
        assert TOKEN not in response.text
        assert ("www-authenticate" in response.headers) is (status == 401)
        metrics = (await harness.client.get("/metrics")).text
        assert f'promethios_gateway_rejections_total{{tag="{tag}",worker="3"}} 1.0' in metrics


async def test_a_key_in_the_query_string_is_refused_even_beside_a_good_one() -> None:
    async with running() as harness:
        response = await harness.post(f"{LOGS}?authorization=Bearer%20{TOKEN}")
        assert (response.status_code, tag_of(response)) == (400, "key-in-url")
        assert TOKEN not in response.text


async def test_a_failed_authentication_waits_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as harness:
        assert tag_of(await harness.post(headers={"Authorization": "Bearer x"})) == "mistyped-key"
        monkeypatch.setattr(authentication, "_HOLD_BACK_SECONDS", 3600)
        failing = asyncio.create_task(harness.post(headers={"Authorization": "Bearer x"}))
        for _ in range(20):
            assert (await harness.post()).status_code == 202
        assert not failing.done()
        failing.cancel()
        await asyncio.gather(failing, return_exceptions=True)


async def test_a_permission_counts_for_its_route_only() -> None:
    async with running(AGENT, api_key(permissions=(Permission.LOGS_WRITE,))) as harness:
        assert (await harness.post()).status_code == 202
        heartbeat = {"agentId": "agent-1", "status": "active"}
        response = await harness.post(PATHS["heartbeat"], heartbeat)
        assert (response.status_code, tag_of(response)) == (403, "missing-permission")


async def test_a_revoked_key_is_refused_from_then_on() -> None:
    async with running() as harness:
        assert (await harness.post()).status_code == 202
        harness.control.change(api_key(revoked_at=1))
        assert tag_of(await harness.post()) == "revoked-key"


@pytest.mark.parametrize("tag", ["kafka-unavailable", "outcome-unknown"])
async def test_without_kafka_the_answer_is_503_with_retry_after(tag: str) -> None:
    async with running() as harness:
        if tag == "outcome-unknown":
            harness.sink.hang()
        harness.sink.failing = True
        response = await harness.post()
        assert (response.status_code, tag_of(response)) == (503, tag)
        assert response.headers["retry-after"] == "1"
        harness.sink.flow()


async def test_before_it_is_ready_the_gateway_says_so() -> None:
    async with running(ready=False) as harness:
        response = await harness.post()
        assert (response.status_code, tag_of(response)) == (503, "not-ready")


async def test_a_bug_is_answered_as_a_problem_without_details(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with running() as harness:
        monkeypatch.setattr(harness.gateway, "intake", lambda: 1 / 0)
        response = await harness.post()
        assert (response.status_code, tag_of(response)) == (500, "internal")
        assert "division" not in response.text
        assert TOKEN not in caplog.text


async def test_requests_at_once_share_a_record() -> None:
    async with running(limits=Limits(block_delay_seconds=0.6)) as harness:
        responses = await asyncio.gather(*(harness.post() for _ in range(20)))
        assert {response.status_code for response in responses} == {202}
        assert len(harness.sink.records) == 1


def test_the_harness_has_limits_that_tests_can_reach() -> None:
    assert LIMITS.max_events == 50


@pytest.mark.parametrize(
    ("change", "tag"),
    [
        ({"revoked_at": 1}, "revoked-key"),
        ({"permissions": ()}, "missing-permission"),
        ({"expires_at": None}, None),
    ],
)
async def test_a_key_that_changes_while_the_body_arrives_is_looked_at_again(
    change: dict[str, Any], tag: str | None
) -> None:
    body = json.dumps(LOG).encode()

    async def content() -> AsyncIterator[bytes]:
        yield body[:10]
        harness.control.change(api_key(**change))
        yield body[10:]

    async with running() as harness:
        response = await harness.post(content=content(), headers=AS_JSON)
        if tag is None:
            assert response.status_code == 202
        else:
            assert tag_of(response) == tag
            assert harness.sink.records == []
