"""What tests of faults share beside the stack: a broker that may be killed, and tables that belong to it."""

import asyncio
from collections.abc import Iterator

import pytest

from infra.clickhouse.migrate import migrate
from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress, parse_clickhouse_url
from schemas.topics import DEFAULT_PARTITIONS
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.writer_process import clickhouse_url


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
def own_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    """An embedded ClickHouse of the module's own, with all tables."""
    clickhouse = EmbeddedClickHouse(tmp_path_factory.mktemp("own-tables")).start()
    migrate(parse_clickhouse_url(clickhouse_url(clickhouse.port)))
    yield clickhouse
    assert clickhouse.stop() == 0, clickhouse.log
