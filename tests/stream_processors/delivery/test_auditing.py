"""On the real broker and engine: all is explained while all is well, and a row that is gone is found."""

import dataclasses
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from infra.kafka.acl_requests import create_acls, delete_acls, describe_acls
from infra.kafka.acls import Users, cluster_acls
from infra.kafka.password_requests import set_passwords
from infra.kafka.principals import ADMIN
from runtime.settings import KafkaAddress, parse_clickhouse_url
from schemas.delivery import Delivery
from stream_processors.delivery.auditing import audit
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.writer_oracle import assert_stored, expected_rows
from tests.integration.writer_process import WriterProcess, clickhouse_url
from tests.kafka_probe import is_let_in, probing, until_it_is

pytestmark = [pytest.mark.integration]


async def deliveries(address: KafkaAddress, clickhouse: EmbeddedClickHouse, fleet: str) -> list[Delivery]:
    found = await audit(address, parse_clickhouse_url(clickhouse_url(clickhouse.port)), hours=None)
    return [one for one in found.deliveries if one.agent_id.startswith(fleet)]


@pytest.fixture
async def administrator(topics: KafkaAddress) -> AsyncIterator[KafkaAddress]:
    """Who administers a cluster that is not our own: allowed what its ACLs say, and nothing beside."""
    if topics.username != ADMIN:
        pytest.skip("needs an embedded broker")
    user, password = "audit-admin", "audit-admin-of-the-tests"
    acls = {acl for acl in cluster_acls(Users(admin=user)) if acl.user == user}
    address = dataclasses.replace(topics, username=user, password=SecretStr(password))
    async with probing(topics) as probe:

        async def missing() -> set[object]:
            return set(acls - await describe_acls(probe.admin))

        await set_passwords(probe.admin, {user: password})
        await create_acls(probe.admin, acls)
        await until_it_is(set(), missing)
        await until_it_is(True, lambda: is_let_in(address))
        yield address
        await delete_acls(probe.admin, acls)


async def test_an_administrator_of_a_cluster_may_audit(
    topics: KafkaAddress, administrator: KafkaAddress, tables: EmbeddedClickHouse
) -> None:
    blocks = Fleet("cluster-audit", agents=5, seed=22).blocks(10)
    await send(topics, blocks)
    found = await deliveries(administrator, tables, "cluster-audit-")
    assert sum(one.requests for one in found) == sum(block.value.count(b'"seq":0,') for block in blocks)


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
