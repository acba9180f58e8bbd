"""A query API over a ClickHouse in which two tenants have rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import KafkaAddress
from schemas.tables import DATABASE
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.analyst_sql.two_tenants import fill
from tests.query_api.api_process import QueryApiProcess, url_of


@pytest.fixture(scope="session")
def two_tenants(
    tmp_path_factory: pytest.TempPathFactory, migrated_data: Path
) -> Iterator[EmbeddedClickHouse]:
    """With the rows of both, and a database with those of one alone."""
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("two-tenants")).with_data(migrated_data).start()
    fill(front)
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture(scope="session")
def sql_api(
    two_tenants: EmbeddedClickHouse, control_kafka: KafkaAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QueryApiProcess]:
    """Ready."""
    folder = tmp_path_factory.mktemp("sql-api")
    process = QueryApiProcess(folder, control_kafka, url_of(two_tenants, DATABASE)).start()
    yield process
    assert process.stop() == 0, process.log
