"""A rule over many agents is asked in one partition, with what all count, exactly, across a kill."""

import msgspec
import pytest

from runtime.restarting_producer import RestartingProducer
from runtime.settings import KafkaAddress
from schemas.alert_rules import AlertRule, AlertRuleTerms, Escalation, Metric, Scope, ScopeKind, Threshold
from schemas.block import Kind, Segment, encode_headers
from schemas.control_block import ControlRow
from schemas.derived import Alert, AlertChange
from schemas.identity import AgentRef, partition_of
from schemas.messages.event import EventRow, EventType
from schemas.messages.values import Severity
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from stream_processors.control_feed import control_record
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, RECEIVED_AT, Block, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

TENANT = "together"
AGENTS = [AgentRef(TENANT, f"agent-{number}") for number in range(12)]
FAILED = EventRow(EventType.TOOL_CALL, success=False, error_type="timeout")
TERMS = AlertRuleTerms(
    Metric.FAILURES,
    Threshold(24, escalations=(Escalation(48, Severity.CRITICAL),)),
    scope=Scope(ScopeKind.TOTAL),
    window_seconds=3600,
)


def failed(number: int) -> Block:
    """A call of an agent fails."""
    agent = AGENTS[number % len(AGENTS)]
    batch_id = number.to_bytes(16)
    value = encode_rows(row_prefix(TENANT, agent.agent_id, RECEIVED_AT, batch_id), [FAILED])
    segment = Segment(TENANT, agent.agent_id, batch_id, False, 1, len(value), RECEIVED_AT)
    return Block(partition_of(agent.key, PARTITIONS), encode_headers(Kind.EVENT, [segment]), value)


async def bind(address: KafkaAddress) -> None:
    """Put the rule into each partition's log, as its owner does."""
    rule = AlertRule(TENANT, "all", 1, TERMS, 1, "ann", 1, "ann")
    row = ControlRow(Topic.ALERT_RULES, f"{TENANT}/all", 1, msgspec.Raw(msgspec.json.encode(rule)))
    producer = RestartingProducer(address, client_id="test-total-rules")
    await producer.send_all(control_record(partition, [row]) for partition in range(PARTITIONS))
    await producer.stop()


async def said(address: KafkaAddress) -> list[tuple[str, float | None]]:
    """What became of the rule's alert, each change once, but that it goes on."""
    events = {event.id: event.data for event in await read_events(address, Topic.ALERTS)}
    alerts = [data for data in events.values() if isinstance(data, Alert) and data.tenant_id == TENANT]
    alerts = [alert for alert in alerts if alert.change is not AlertChange.RECURRED]
    return [(str(alert.change), alert.value) for alert in alerts if not alert.agent_id]


async def test_failures_on_all_partitions_are_one_sum(topics: KafkaAddress, worker: WorkerProcess) -> None:
    assert len({partition_of(agent.key, PARTITIONS) for agent in AGENTS}) > 1
    await bind(topics)
    worker.start()
    await worker.has_stored(await send(topics, [failed(number) for number in range(24)]))

    async def has_said(changes: int) -> bool:
        return len(await said(topics)) == changes

    # One more or one less than what came would never be exactly this.
    await until("it fires", lambda: has_said(1))
    assert await said(topics) == [("fired", 24.0)]
    await send(topics, [failed(number) for number in range(24, 48)])
    worker.kill()
    worker.start()
    await until("it gets worse", lambda: has_said(2))
    assert await said(topics) == [("fired", 24.0), ("escalated", 48.0)]
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
