"""One query API over one broker and one ClickHouse for all tests of the routes."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.tables import DATABASE
from schemas.topics import DEFAULT_PARTITIONS
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import QueryApiProcess, put_operators, url_of
from tests.query_api.fleet_rows import FleetRows


@pytest.fixture(scope="session")
def query_clickhouse(
    tmp_path_factory: pytest.TempPathFactory, migrated_data: Path
) -> Iterator[EmbeddedClickHouse]:
    """With all tables."""
    folder = tmp_path_factory.mktemp("query-clickhouse")
    front = EmbeddedClickHouse(folder).with_data(migrated_data).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture(scope="session")
def clickhouse_url(query_clickhouse: EmbeddedClickHouse) -> str:
    return url_of(query_clickhouse, DATABASE)


@pytest.fixture(scope="session")
def control_kafka(kafka_address: KafkaAddress) -> KafkaAddress:
    """A broker with all topics and operators of all roles."""
    asyncio.run(ensure_topics(kafka_address, DEFAULT_PARTITIONS))
    asyncio.run(put_operators(kafka_address))
    return kafka_address


@pytest.fixture(scope="session")
def query_api(
    control_kafka: KafkaAddress, clickhouse_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QueryApiProcess]:
    """Ready."""
    folder = tmp_path_factory.mktemp("query-api")
    process = QueryApiProcess(folder, control_kafka, clickhouse_url).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture
def rows(query_clickhouse: EmbeddedClickHouse, clickhouse_url: str) -> FleetRows:
    """Puts rows into the tables, as the writer would."""
    assert clickhouse_url
    return FleetRows(query_clickhouse)
