"""Changed models and policies reach every partition's log, hold from there, and are the same in a replay."""

import msgspec
import pytest

from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.alert_rules import (
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Metric,
    Scope,
    SilenceTerms,
    Threshold,
)
from schemas.control import Agent, Suspension, TrustModel, control_key, control_topic
from schemas.derived import AgentStatus, Alert, PolicyViolation, TrustScore
from schemas.policy import Policy, PolicyTerms
from schemas.topics import Topic
from schemas.trust_model import IncidentParameters, TrustParameters
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

TENANT = "models"


async def put(address: KafkaAddress, data: TrustModel | Policy | AlertRule | AlertSilence | Agent) -> None:
    """Write a control record as the query API does."""
    topic, key = control_topic(data), control_key(data)
    reader = ControlReader(address, {topic: type(data)}, "test-models")
    writer = ControlWriter(address, reader, "test-models")
    await reader.start()
    await writer.start()
    try:
        entry = reader.state.get(topic, key)
        await writer.put(topic, key, data, replaces=entry.version if entry else 0)
    finally:
        await writer.stop()
        await reader.stop()


async def versions(address: KafkaAddress) -> set[int]:
    """Of the models that this tenant's published scores were made with."""
    events = await read_events(address, Topic.TRUST_SCORES)
    scores = [event.data for event in events if isinstance(event.data, TrustScore)]
    return {score.model_version for score in scores if score.tenant_id == TENANT}


async def found_by(address: KafkaAddress, policy_id: str) -> set[tuple[str, int]]:
    """Rules that policies found broken, with their versions."""
    events = await read_events(address, Topic.POLICY_VIOLATIONS)
    found = [event.data for event in events if isinstance(event.data, PolicyViolation)]
    return {(one.rule, one.policy_version) for one in found if one.policy_id == policy_id}


async def test_a_model_holds_from_its_place_in_the_log_across_a_kill(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("models", agents=20, seed=11, tenant=TENANT)
    worker.start()
    await worker.has_stored(await send(topics, fleet.blocks(60)))
    assert await versions(topics) == {0}
    strict = TrustParameters(incidents=IncidentParameters(threshold=4.0))
    await put(topics, TrustModel(TENANT, strict, 1, "admin"))

    async def arrived() -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return 1 in await versions(topics)

    await until("scores are made with the new model", arrived)
    worker.kill()
    await put(topics, TrustModel(TENANT, TrustParameters(), 2, "admin"))
    worker.start()
    await worker.ready()

    async def changed() -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return 2 in await versions(topics)

    await until("scores are made with the newest model", changed)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def test_policies_find_what_comes_after_them_across_a_kill(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("policies", agents=20, seed=12, tenant=TENANT)
    policy = Policy(TENANT, "tools", 1, PolicyTerms(allowed_tools=("search",)), 1, "admin", 1, "admin")
    worker.start()
    await worker.has_stored(await send(topics, fleet.blocks(20)))
    assert await found_by(topics, "tools") == set()
    await put(topics, policy)

    async def found(version: int) -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return ("tool_not_allowed", version) in await found_by(topics, "tools")

    await until("the policy finds something", lambda: found(1))
    worker.kill()
    await put(topics, msgspec.structs.replace(policy, version=2))
    worker.start()
    await worker.ready()
    await until("the changed policy finds something", lambda: found(2))
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def changes_of(address: KafkaAddress, rule: str) -> set[tuple[str, str, str]]:
    """What became of a rule's alerts: agent, change, and what silenced it."""
    events = await read_events(address, Topic.ALERTS)
    found = [event.data for event in events if isinstance(event.data, Alert)]
    return {(one.agent_id, str(one.change), one.silenced_by) for one in found if one.rule == rule}


async def test_alert_rules_labels_and_silences_hold_across_a_kill(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("alerting", agents=20, seed=13, tenant=TENANT)
    scope = Scope(labels={"team": "x"})
    terms = AlertRuleTerms(Metric.LOG_ERRORS, Threshold(1), scope=scope, window_seconds=3600)
    rule = AlertRule(TENANT, "any-error", 1, terms, 1, "admin", 1, "admin")
    worker.start()
    await worker.has_stored(await send(topics, fleet.blocks(20)))
    await put(topics, rule)
    await put(topics, Agent(TENANT, "alerting-3", "gov", 1, {"team": "x"}))

    async def told(agent: str, change: str, silence: str = "") -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return (agent, change, silence) in await changes_of(topics, rule.rule_id)

    await until("the labelled agent alerts", lambda: told("alerting-3", "fired"))
    worker.kill()
    await put(topics, Agent(TENANT, "alerting-5", "gov", 1, {"team": "x"}))
    quiet = SilenceTerms(0, 4_000_000_000_000, agents=("alerting-5",))
    await put(topics, AlertSilence(TENANT, "quiet", 1, quiet, 1, "admin", 1, "admin"))
    worker.start()
    await worker.ready()
    await until("the other one alerts silently", lambda: told("alerting-5", "fired", "quiet"))
    await put(topics, msgspec.structs.replace(rule, version=2, deleted=True))
    await until("alerts of a rule that is gone are over", lambda: told("alerting-3", "resolved"))
    assert {agent for agent, _, _ in await changes_of(topics, rule.rule_id)} == {"alerting-3", "alerting-5"}
    assert await worker.stop() == 0
    await assert_equals_replay(topics)


async def status_of(address: KafkaAddress, agent: str) -> str:
    """What was published last of an agent's status."""
    events = await read_events(address, Topic.AGENT_STATUS)
    found = [event.data for event in events if isinstance(event.data, AgentStatus)]
    said = [one.status.value for one in found if (one.tenant_id, one.agent_id) == (TENANT, agent)]
    return said[-1] if said else ""


async def test_a_suspension_is_published_across_a_kill_and_so_is_its_end(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("suspended", agents=20, seed=14, tenant=TENANT)
    first, second = (Agent(TENANT, f"suspended-{number}", "gov", 1) for number in (3, 5))
    worker.start()

    async def has(agent: Agent, *expected: str) -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return await status_of(topics, agent.agent_id) in expected

    await until("the agent reports", lambda: has(first, "online", "degraded"))
    suspended = msgspec.structs.replace(first, suspension=Suspension(1, None, "ada", "a reason"))
    await put(topics, suspended)
    await until("it is suspended", lambda: has(first, "suspended"))
    assert await has(first, "suspended")
    worker.kill()
    await put(topics, msgspec.structs.replace(first, suspension=Suspension(1, 2, "ada", "a reason", "bob")))
    await put(topics, msgspec.structs.replace(second, suspension=Suspension(1, None, "ada", "a reason")))
    worker.start()
    await worker.ready()
    await until("it is resumed", lambda: has(first, "online", "degraded"))
    await until("the other is suspended", lambda: has(second, "suspended"))
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
