"""A tenant's budget is looked at in one partition, whatever partitions its agents spend on, across a kill."""

from decimal import Decimal

import pytest

from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.alert_rules import AlertSilence, SilenceTerms
from schemas.block import Kind, Segment, encode_headers
from schemas.budgets import Budget, BudgetTerms
from schemas.control import control_key, control_topic
from schemas.derived import Alert, AlertChange
from schemas.identity import AgentRef, partition_of
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.values import Severity
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, RECEIVED_AT, Block, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

TENANT = "budgeted"
AGENTS = [AgentRef(TENANT, f"agent-{number}") for number in range(12)]


def spent(number: int) -> Block:
    """An agent pays a dollar for a tool."""
    agent = AGENTS[number % len(AGENTS)]
    batch_id = number.to_bytes(16)
    row = CostRow(CostMetric.TOOL_COST, "1", currency="USD")
    value = encode_rows(row_prefix(TENANT, agent.agent_id, RECEIVED_AT, batch_id), [row])
    segment = Segment(TENANT, agent.agent_id, batch_id, False, 1, len(value), RECEIVED_AT)
    return Block(partition_of(agent.key, PARTITIONS), encode_headers(Kind.COST, [segment]), value)


async def put(address: KafkaAddress, data: Budget | AlertSilence) -> None:
    """Write a budget, or a silence, as the query API does."""
    topic, key = control_topic(data), control_key(data)
    reader = ControlReader(address, {topic: type(data)}, "test-budgets")
    writer = ControlWriter(address, reader, "test-budgets")
    await reader.start()
    await writer.start()
    try:
        await writer.put(topic, key, data, replaces=data.version - 1)
    finally:
        await writer.stop()
        await reader.stop()


async def said(address: KafkaAddress) -> list[Alert]:
    """What became of the budget's alert, each change once, but that it goes on."""
    events = {event.id: event.data for event in await read_events(address, Topic.ALERTS)}
    alerts = [data for data in events.values() if isinstance(data, Alert) and data.tenant_id == TENANT]
    alerts = [alert for alert in alerts if alert.change is not AlertChange.RECURRED]
    return [alert for alert in alerts if not alert.agent_id]


async def until_said(address: KafkaAddress, changes: int) -> Alert:
    """Wait for the change of that number, and return it."""

    async def enough() -> bool:
        return len(await said(address)) == changes

    await until(f"change {changes} of the alert", enough)
    return (await said(address))[-1]


async def test_all_partitions_spending_reaches_the_budget(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    assert len({partition_of(agent.key, PARTITIONS) for agent in AGENTS}) > 1
    terms = BudgetTerms(Decimal(48), "USD", thresholds=(0.5, 1.0))
    await put(topics, Budget(TENANT, "all", 1, terms, 1, "ann", 1, "ann"))
    worker.start()
    await worker.has_stored(await send(topics, [spent(number) for number in range(24)]))
    half = await until_said(topics, 1)
    assert half.summary == "50 % of the budget all is spent this month: 24 of 48 USD"
    assert (half.change, half.value, half.threshold, half.silenced_by) == ("fired", 0.5, 0.5, "")
    always = SilenceTerms(0, 2**42, rules=("budget_share",), labels={"budget": "all"})
    await put(topics, AlertSilence(TENANT, "known", 1, always, 1, "ann", 1, "ann"))
    silenced = await until_said(topics, 2)
    assert (silenced.change, silenced.silenced_by, silenced.value) == ("silenced", "known", 0.5)
    await send(topics, [spent(number) for number in range(24, 48)])
    worker.kill()
    worker.start()
    whole = await until_said(topics, 3)
    assert whole.summary == "100 % of the budget all is spent this month: 48 of 48 USD"
    assert (whole.change, whole.severity, whole.silenced_by) == ("escalated", Severity.HIGH, "known")
    assert whole.count > half.count
    assert (whole.first_seen_at, whole.started_at) == (half.first_seen_at, half.started_at)
    await put(topics, AlertSilence(TENANT, "known", 2, always, 1, "ann", 2, "ann", deleted=True))
    told = await until_said(topics, 4)
    assert (told.change, told.silenced_by, told.value) == ("unsilenced", "", 1.0)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
