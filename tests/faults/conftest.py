"""What tests of faults share beside the stack: a broker that may be killed, and tables that belong to it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.topics import DEFAULT_PARTITIONS
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """A broker of the module's own, with all topics."""
    broker = EmbeddedBroker(tmp_path_factory.mktemp("victim"))
    broker.start()
    asyncio.run(ensure_topics(broker.address, DEFAULT_PARTITIONS))
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def own_kafka(victim: EmbeddedBroker) -> KafkaAddress:
    """The module's own broker, whose offsets belong to `own_tables`."""
    return victim.address


@pytest.fixture(scope="module")
def own_tables(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """An embedded ClickHouse of the module's own, with all tables."""
    clickhouse = EmbeddedClickHouse(tmp_path_factory.mktemp("own-tables")).with_data(migrated_data).start()
    yield clickhouse
    assert clickhouse.stop() == 0, clickhouse.log
