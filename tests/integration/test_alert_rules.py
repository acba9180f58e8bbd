"""On a whole stack: a rule made through the API fires on the topic, is read back, silenced, and resolved."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer

from runtime import kafka
from schemas.derived import Alert, AlertChange, AlertState, decode_event
from schemas.topics import Topic
from tests.integration.stream_process import until
from tests.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

RULE = "fails"


@pytest.fixture
async def operator(stack: RunningStack) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {stack.token}"}
    async with httpx.AsyncClient(base_url=stack.query, headers=headers, timeout=60) as client:
        yield client


async def asked(operator: httpx.AsyncClient, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    answer = await operator.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def fail(stack: RunningStack, agent: str, key: str) -> None:
    """The agent's calls fail, ten at once."""
    call = {"tool_name": "pay", "success": False}
    events = [{"instance_id": agent, "event_type": "ToolCall", "payload": call}] * 10
    async with httpx.AsyncClient(base_url=stack.gateway, timeout=60) as client:
        answer = await client.post(
            "/v1/telemetry/events", json=events, headers={"Authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 202, answer.text


async def published(stack: RunningStack, agent: str, rule: str = RULE) -> list[Alert]:
    """A rule's alerts of the agent on the topic, but that they go on; "" is of many agents."""
    reader: AIOKafkaConsumer = kafka.consumer(stack.anonymous_kafka, client_id="test-alert-rules")
    reader.subscribe([Topic.ALERTS])
    await reader.start()
    try:
        await reader.seek_to_beginning()
        ends = await reader.end_offsets(reader.assignment())
        found = []
        while [tp for tp in reader.assignment() if await reader.position(tp) < ends[tp]]:
            for records in (await reader.getmany(timeout_ms=200)).values():
                found += [decode_event(one.headers, one.key, one.value).data for one in records]
    finally:
        await reader.stop()
    wanted = [one for one in found if isinstance(one, Alert) and (one.agent_id, one.rule) == (agent, rule)]
    return [one for one in wanted if one.change is not AlertChange.RECURRED]


async def test_what_agents_do_together_is_one_alert(stack: RunningStack, operator: httpx.AsyncClient) -> None:
    label, rule_id = uuid.uuid4().hex[:8], f"together-{uuid.uuid4().hex[:8]}"
    agents = [f"sum-{label}-{number}" for number in range(8)]
    keys = stack.create_agents(agents)
    for agent in agents:
        await asked(operator, "PATCH", f"/api/v1/agents/{agent}", {"labels": {"team": label}})
    scope = {"kind": "total", "labels": {"team": label}}
    rule = {"metric": "failures", "condition": {"kind": "threshold", "value": 65}, "scope": scope}
    await asked(operator, "POST", "/api/v1/alert-rules", {"rule_id": rule_id, **rule})

    async def stands() -> dict[str, Any] | None:
        alerts = (await asked(operator, "GET", f"/api/v1/alerts?rule={rule_id}"))["alerts"]
        return alerts[0] if alerts else None

    async def fires() -> bool:
        # Until the rule and the labels are in the partitions' logs, failures do not count for it.
        for agent in agents:
            await fail(stack, agent, keys[agent])
        await asyncio.sleep(1)
        return await stands() is not None

    await until("the alert is read back", fires, 180)
    alert = await stands()
    assert alert is not None
    assert (alert["agent_id"], alert["state"], alert["metric"]) == ("", "firing", "failures")
    # No request fails more than ten times.
    assert alert["value"] >= 65
    shown = await asked(operator, "GET", alert["evidence_path"])
    assert "agents" in shown
    told = await published(stack, "", rule_id)
    assert [one.change for one in told] == ["fired"]

    async def would_have_fired() -> bool:
        # Of what is stored, which may come after the alert.
        tried = await asked(operator, "POST", "/api/v1/alert-rule-test", {"hours": 1, "rule": rule})
        return [one["agent_id"] for one in tried["agents"]] == [""]

    await until("the rule fires on what is stored", would_have_fired)
    await asked(operator, "DELETE", f"/api/v1/alert-rules/{rule_id}")

    async def is_over() -> bool:
        return {one.change for one in await published(stack, "", rule_id)} == {"fired", "resolved"}

    await until("the alert of a deleted rule is resolved", is_over, 120)


async def test_a_rule_of_ones_own_from_the_api_to_its_end(
    stack: RunningStack, operator: httpx.AsyncClient
) -> None:
    agent, label = f"alert-{uuid.uuid4().hex[:8]}", uuid.uuid4().hex[:8]
    key = stack.create_agents([agent])[agent]
    labelled = await asked(operator, "PATCH", f"/api/v1/agents/{agent}", {"labels": {"team": label}})
    assert labelled["labels"] == {"team": label}
    rule = {
        "rule_id": RULE,
        "metric": "failures",
        "condition": {"kind": "threshold", "value": 5},
        "scope": {"labels": {"team": label}},
        "window_seconds": 60,
        "severity": "high",
    }
    await asked(operator, "POST", "/api/v1/alert-rules", rule)

    async def stands() -> dict[str, Any] | None:
        alerts = (await asked(operator, "GET", f"/api/v1/alerts?rule={RULE}&agent={agent}"))["alerts"]
        return alerts[0] if alerts else None

    async def fires() -> bool:
        # Until the rule and the label are in the partition's log, failures do not count for it.
        await fail(stack, agent, key)
        await asyncio.sleep(1)
        return await stands() is not None

    await until("the alert is read back", fires)
    alert = await stands()
    assert alert is not None
    assert (alert["state"], alert["severity"]) == ("firing", "high")
    # On a busy machine it may have been told again meanwhile.
    assert alert["change"] in {"fired", "recurred"}
    assert (alert["metric"], alert["threshold"], alert["rule_version"]) == ("failures", 5, 1)
    assert alert["value"] >= 5
    shown = await asked(operator, "GET", alert["evidence_path"])
    assert shown["agent_id"] == agent
    assert [one.state for one in await published(stack, agent)] == [AlertState.FIRING]

    now = datetime.now(UTC)
    silence = {
        "silence_id": f"quiet-{label}",
        "labels": {"team": label},
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
    }
    await asked(operator, "POST", "/api/v1/alert-silences", silence)

    async def has_changed(change: str) -> bool:
        found = await stands()
        return found is not None and found["change"] == change

    async def is_silenced() -> bool:
        # It must not be over before the silence is in the partition's log.
        await fail(stack, agent, key)
        await asyncio.sleep(1)
        return "silenced" in {one.change for one in await published(stack, agent)}

    await until("the alert is silenced", is_silenced, 180)
    await until("the alert is resolved", lambda: has_changed("resolved"), 180)
    resolved = await stands()
    assert resolved is not None
    assert (resolved["state"], resolved["silenced_by"]) == ("resolved", f"quiet-{label}")
    told = await published(stack, agent)
    assert [one.change for one in told] == ["fired", "silenced", "resolved"]
    assert len({one.fingerprint for one in told}) == 1
    await asked(operator, "DELETE", f"/api/v1/alert-rules/{RULE}")
