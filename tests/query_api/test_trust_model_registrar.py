"""Trust models on a real broker: each change is a version, with by whom and when."""

import uuid
from collections.abc import AsyncIterator

import pytest

from runtime.settings import KafkaAddress
from schemas.control import TrustModel
from schemas.topics import Topic
from schemas.trust_model import LevelParameters, TrustParameters
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


async def test_each_change_is_a_version(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    strict = TrustParameters(levels=LevelParameters(trusted=95.0))
    assert Topic.TRUST_MODELS in await process.trust_models.put(tenant, strict, by="ann")
    assert await process.trust_models.put(tenant, strict, by="bob") == {}
    await process.trust_models.put(tenant, TrustParameters(), by="bob")
    entry = process.reader.state.get(Topic.TRUST_MODELS, tenant)
    assert entry is not None
    assert isinstance(entry.data, TrustModel)
    assert (entry.version, entry.data.parameters, entry.data.changed_by) == (2, TrustParameters(), "bob")
    assert entry.data.changed_at > 0
