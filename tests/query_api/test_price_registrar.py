"""Price tables on a real broker: each change is a version, and versions go on behind a deletion."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.prices import ModelPrice, PriceTable
from schemas.topics import Topic
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration

PRICE = ModelPrice(("m",), Decimal(2), Decimal(10))


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


def table(process: Process, tenant: str) -> PriceTable:
    entry = process.reader.state.get(Topic.PRICES, tenant)
    assert entry is not None
    assert isinstance(entry.data, PriceTable)
    return entry.data


async def test_each_change_is_a_version(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    assert await process.prices.delete(tenant, by="ann") == {}
    assert Topic.PRICES in await process.prices.put(tenant, "USD", [PRICE], by="ann", version=0)
    assert await process.prices.put(tenant, "USD", [PRICE], by="bob", version=None) == {}
    assert (table(process, tenant).version, table(process, tenant).changed_by) == (1, "ann")
    with pytest.raises(ProblemError, match="version is 1"):
        await process.prices.put(tenant, "EUR", [], by="bob", version=0)
    await process.prices.put(tenant, "EUR", [PRICE], by="bob", version=1)
    await process.prices.delete(tenant, by="bob")
    assert (table(process, tenant).version, table(process, tenant).deleted) == (3, True)
    await process.prices.put(tenant, "EUR", [PRICE], by="bob", version=None)
    assert (table(process, tenant).version, table(process, tenant).deleted) == (4, False)
