"""What tests of worker and writer share: broker, tables, and processes that do not outlive their test."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.telemetry_feed import PARTITIONS
from tests.integration.worker_process import WorkerProcess
from tests.integration.writer_process import WriterProcess


@pytest.fixture(scope="session")
def topics(kafka_address: KafkaAddress) -> KafkaAddress:
    """The shared broker, with all topics, of which no test may delete one."""
    asyncio.run(ensure_topics(kafka_address, PARTITIONS))
    return kafka_address


@pytest.fixture
def worker(topics: KafkaAddress, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A worker that is not started yet."""
    process = WorkerProcess(topics, tmp_path, instance="test")
    yield process
    process.kill()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory, migrated_data: Path) -> Iterator[EmbeddedClickHouse]:
    """An embedded ClickHouse with all tables; it belongs to the session's broker, whose offsets it fits."""
    clickhouse = EmbeddedClickHouse(tmp_path_factory.mktemp("tables")).with_data(migrated_data).start()
    yield clickhouse
    assert clickhouse.stop() == 0, clickhouse.log


@pytest.fixture
def writer(topics: KafkaAddress, tables: EmbeddedClickHouse, tmp_path: Path) -> Iterator[WriterProcess]:
    """A writer that is not started yet."""
    process = WriterProcess(topics, tables, tmp_path, instance="writer")
    yield process
    process.kill()
