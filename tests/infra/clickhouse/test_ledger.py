"""The ledger on the real engine: every mark is kept, and what is undone is forgotten."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver import Client

from infra.clickhouse.ledger import Ledger, Mark
from infra.clickhouse.migrations import Migration
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = pytest.mark.integration

MIGRATION = Migration(1, "one", "SELECT 1")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("ledger")).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
def client(front: EmbeddedClickHouse) -> Iterator[Client]:
    client = front.client()
    yield client
    client.command("DROP TABLE IF EXISTS schema_migrations")
    client.close()


def test_nothing_is_known_before_there_is_a_table(client: Client) -> None:
    assert Ledger(client).read() == {}


def test_marks_add_up_until_all_is_forgotten(client: Client) -> None:
    ledger = Ledger(client)
    ledger.prepare()
    seen = []
    for mark in Mark:
        ledger.mark(MIGRATION, mark)
        [(version, applied)] = ledger.read().items()
        assert (version, applied.checksum) == (1, MIGRATION.checksum)
        assert applied.at is not None
        seen.append((applied.finished, applied.undoing))
    assert seen == [(False, False), (True, False), (True, True)]
    ledger.forget(1)
    assert ledger.read() == {}


def test_views_are_no_migration(client: Client) -> None:
    ledger = Ledger(client)
    ledger.prepare()
    assert ledger.views_checksum() is None
    ledger.mark_views("abc")
    assert ledger.views_checksum() == "abc"
    assert ledger.read() == {}
