"""A tenant's budget is looked at in one partition, whatever partitions its agents spend on, across a kill."""

from decimal import Decimal

import pytest

from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers
from schemas.budgets import Budget, BudgetTerms
from schemas.control import control_key, control_topic
from schemas.derived import Alert
from schemas.identity import AgentRef, partition_of
from schemas.messages.cost import CostMetric, CostRow
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


async def put(address: KafkaAddress, data: Budget) -> None:
    """Write a budget as the query API does."""
    topic, key = control_topic(data), control_key(data)
    reader = ControlReader(address, {topic: type(data)}, "test-budgets")
    writer = ControlWriter(address, reader, "test-budgets")
    await reader.start()
    await writer.start()
    try:
        await writer.put(topic, key, data, replaces=0)
    finally:
        await writer.stop()
        await reader.stop()


async def said(address: KafkaAddress) -> list[str]:
    """What the tenant's alerts say, each once."""
    events = {event.id: event.data for event in await read_events(address, Topic.ALERTS)}
    alerts = [data for data in events.values() if isinstance(data, Alert) and data.tenant_id == TENANT]
    return [alert.summary for alert in alerts if not alert.agent_id]


async def test_all_partitions_spending_reaches_the_budget(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    assert len({partition_of(agent.key, PARTITIONS) for agent in AGENTS}) > 1
    terms = BudgetTerms(Decimal(48), "USD", thresholds=(0.5, 1.0))
    await put(topics, Budget(TENANT, "all", 1, terms, 1, "ann", 1, "ann"))
    worker.start()
    await worker.has_stored(await send(topics, [spent(number) for number in range(24)]))

    async def half() -> bool:
        return len(await said(topics)) == 1

    await until("half of the budget is spent", half)
    assert await said(topics) == ["50 % of the budget all is spent this month: 24 of 48 USD"]
    await send(topics, [spent(number) for number in range(24, 48)])
    worker.kill()
    worker.start()

    async def whole() -> bool:
        return len(await said(topics)) == 2

    await until("the whole budget is spent", whole)
    assert (await said(topics))[1] == "100 % of the budget all is spent this month: 48 of 48 USD"
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
