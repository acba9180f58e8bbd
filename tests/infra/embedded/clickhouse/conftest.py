"""One embedded ClickHouse for all tests that do not stop it."""

from collections.abc import Iterator

import pytest

from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse


@pytest.fixture(scope="session")
def clickhouse_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    """Running; tables that a test makes are of its own name."""
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")).start()
    yield front
    assert front.stop() == 0, front.log
