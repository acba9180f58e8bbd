"""Retention on a real broker: each change is a version, with by whom and when."""

import uuid
from collections.abc import AsyncIterator

import pytest

from runtime.settings import KafkaAddress
from schemas.retention import Retention
from schemas.topics import Topic
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


async def test_each_change_is_a_version(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    assert Topic.RETENTIONS in await process.retentions.put(tenant, {"agent_logs": 30}, by="ann")
    assert await process.retentions.put(tenant, {"agent_logs": 30}, by="bob") == {}
    await process.retentions.put(tenant, {}, by="bob")
    entry = process.reader.state.get(Topic.RETENTIONS, tenant)
    assert entry is not None
    assert isinstance(entry.data, Retention)
    assert (entry.version, entry.data.days, entry.data.changed_by) == (2, {}, "bob")
    assert entry.data.changed_at > 0
