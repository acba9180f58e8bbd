"""Control records are created once and changed without losing anybody's change, on a real broker."""

import asyncio
import uuid

import msgspec
import pytest
from aiokafka.errors import KafkaError

from query_api import errors
from query_api.records import Records
from runtime.control_log import ControlReader
from runtime.control_writer import ConflictError, ControlWriter
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.control import Tenant
from schemas.topics import Topic
from tests.query_api.registrars import connected

pytestmark = pytest.mark.integration


class BrokenWriter(ControlWriter):
    """A writer whose broker went away."""

    async def put(self, topic: str, key: str, data: msgspec.Struct, *, replaces: int = 0) -> int:
        raise KafkaError(f"{topic} {key} {data} {replaces}")


@pytest.fixture
def tenant() -> Tenant:
    return Tenant(uuid.uuid4().hex, 1)


def later(current: Tenant) -> Tenant:
    return Tenant(current.tenant_id, current.created_at + 1)


async def test_an_entity_is_created_once(control_kafka: KafkaAddress, tenant: Tenant) -> None:
    async with connected(control_kafka) as one, connected(control_kafka) as other:
        offset = await one.records.create(tenant)
        with pytest.raises(ConflictError):
            await one.records.create(tenant)
        await other.reader.wait_for(Topic.TENANTS, offset, timeout=60)
        with pytest.raises(ConflictError):
            await other.records.create(tenant)


async def test_changes_by_two_processes_at_once_are_all_made(
    control_kafka: KafkaAddress, tenant: Tenant
) -> None:
    async with connected(control_kafka) as one, connected(control_kafka) as other:
        offset = await one.records.create(tenant)
        await other.reader.wait_for(Topic.TENANTS, offset, timeout=60)
        changing = [process.records.change(tenant, later) for process in (one, other) * 3]
        results = await asyncio.gather(*changing)
        assert sorted(changed.created_at for changed, _ in results) == [2, 3, 4, 5, 6, 7]
        last = max(offsets[Topic.TENANTS] for _, offsets in results)
        for process in (one, other):
            await process.reader.wait_for(Topic.TENANTS, last, timeout=60)
            entry = process.reader.state.get(Topic.TENANTS, tenant.tenant_id)
            assert entry is not None
            assert entry.data == Tenant(tenant.tenant_id, 7)


async def test_a_change_that_changes_nothing_writes_nothing(
    control_kafka: KafkaAddress, tenant: Tenant
) -> None:
    async with connected(control_kafka) as process:
        await process.records.create(tenant)
        assert await process.records.change(tenant, lambda current: current) == (tenant, {})


async def test_without_a_broker_the_outcome_is_unknown(control_kafka: KafkaAddress, tenant: Tenant) -> None:
    reader = ControlReader(control_kafka, {Topic.TENANTS: Tenant}, "test-broken")
    writer = BrokenWriter(control_kafka, reader, "test-broken")
    records = Records(reader, writer)
    for writing in (records.create(tenant), records.change(tenant, later)):
        with pytest.raises(ProblemError) as unknown:
            await writing
        assert unknown.value.kind is errors.KAFKA_AWAY
    await writer.stop()
    await reader.stop()
