"""Budgets on a real broker."""

import uuid
from collections.abc import AsyncIterator
from decimal import Decimal

import msgspec
import pytest

from runtime.settings import KafkaAddress
from schemas.budgets import BudgetTerms
from schemas.topics import Topic
from tests.query_api.registrars import Process, connected

pytestmark = pytest.mark.integration

TERMS = BudgetTerms(Decimal("10.50"), "USD")


@pytest.fixture
async def process(control_kafka: KafkaAddress) -> AsyncIterator[Process]:
    async with connected(control_kafka) as process:
        yield process


async def test_a_budget_is_created_changed_and_deleted(process: Process) -> None:
    tenant = f"tenant-{uuid.uuid4().hex}"
    budget, offsets = await process.budgets.create(tenant, "all", TERMS, by="ann")
    assert (budget.version, Topic.BUDGETS in offsets) == (1, True)
    more = msgspec.structs.replace(TERMS, amount=Decimal(20))
    budget, _ = await process.budgets.replace(budget, more, by="bob", version=1)
    assert process.directory.budget(tenant, "all") == budget
    assert [found.terms.amount for found in process.directory.budgets(tenant)] == [Decimal(20)]
    await process.budgets.delete(budget, by="bob")
    assert process.directory.budgets(tenant) == []
