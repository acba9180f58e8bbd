"""On the real broker and engine: all is explained while all is well, and a row that is gone is found."""

import pytest

from runtime.settings import KafkaAddress, parse_clickhouse_url
from schemas.delivery import Delivery
from stream_processors.delivery.auditing import audit
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url

pytestmark = [pytest.mark.integration]


async def deliveries(address: KafkaAddress, clickhouse: EmbeddedClickHouse, fleet: str) -> list[Delivery]:
    found = await audit(address, parse_clickhouse_url(clickhouse_url(clickhouse.port)), hours=None)
    return [one for one in found.deliveries if one.agent_id.startswith(fleet)]


async def test_every_event_is_stored_or_explained(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    fleet = Fleet("audited", agents=5, seed=21)
    blocks = fleet.blocks(60)
    sent = await send(topics, blocks)
    before = await deliveries(topics, tables, "audited-")
    assert sum(one.stored for one in before) == 0
    assert all(one.waiting == one.accepted - one.repeated - one.late for one in before)
    writer.start()
    await assert_stored(tables, "audited", expected_rows(zip(blocks, sent, strict=True)))
    assert await writer.stop() == 0

    after = await deliveries(topics, tables, "audited-")
    assert sum(one.repeated for one in after) > 0
    assert [one.unexplained for one in after] == [0] * len(after)
    assert sum(one.waiting for one in after) == 0

    agent = after[0].agent_id
    gone = "ALTER TABLE promethios.agent_logs DELETE WHERE agent_id = {agent:String}"
    tables.query(gone, param_agent=agent, mutations_sync=2)
    lost = await deliveries(topics, tables, agent)
    assert sum(one.unexplained for one in lost) > 0
