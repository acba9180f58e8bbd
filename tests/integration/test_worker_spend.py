"""What agents spend is on the spend topic as a total of each partition, exact across a kill."""

import pytest

from runtime.settings import KafkaAddress
from schemas.block import Kind, Segment, encode_headers
from schemas.derived import Spend
from schemas.identity import AgentRef, partition_of
from schemas.messages.cost import CostMetric, CostRow
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS, RECEIVED_AT, Block, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(600)]

TENANT = "worker-spending"
AGENTS = [AgentRef(TENANT, f"agent-{number}") for number in range(8)]


def spent(number: int, agent: AgentRef) -> Block:
    """An agent pays 0.1 USD for a tool, charged to one of two cost centres."""
    center = ("", "lab")[number % 2]
    row = CostRow(CostMetric.TOOL_COST, "0.1", currency="USD", cost_center=center)
    batch_id = number.to_bytes(16)
    value = encode_rows(row_prefix(TENANT, agent.agent_id, RECEIVED_AT, batch_id), [row])
    segment = Segment(TENANT, agent.agent_id, batch_id, False, 1, len(value), RECEIVED_AT)
    return Block(partition_of(agent.key, PARTITIONS), encode_headers(Kind.COST, [segment]), value)


async def entries(address: KafkaAddress) -> dict[str, int]:
    """How many tenths of a dollar each cost centre has spent, over all partitions and days."""
    last = {}
    for event in await read_events(address, Topic.SPEND):
        if isinstance(event.data, Spend) and event.data.tenant_id == TENANT:
            last[event.key] = event.data
    counts = {"": 0, "lab": 0}
    for spend in last.values():
        (figure,) = spend.figures
        # Binary fractions would not add up to this.
        whole, tenths = divmod(figure.entries, 10)
        assert figure.amount == (f"{whole}.{tenths}" if tenths else f"{whole}")
        counts[spend.cost_center] += figure.entries
    return counts


async def test_totals_are_published_and_exact_across_a_kill(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    worker.start()
    blocks = [spent(number, AGENTS[number % len(AGENTS)]) for number in range(120)]
    await worker.has_stored(await send(topics, blocks[:60]))

    async def half() -> bool:
        return await entries(topics) == {"": 30, "lab": 30}

    await until("the first half is on the topic", half)
    await send(topics, blocks[60:])
    worker.kill()
    worker.start()

    async def all_of_it() -> bool:
        return await entries(topics) == {"": 60, "lab": 60}

    await until("all of it is on the topic", all_of_it)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
