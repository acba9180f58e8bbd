"""Queries against a real ClickHouse: rows, time limits, and what its absence becomes."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import ClickHouseError

from query_api import errors
from query_api.database import Database
from query_api.queries.query import Query
from runtime.problems import ProblemError
from runtime.settings import parse_clickhouse_url
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import url_of

pytestmark = pytest.mark.integration

SLOW = Query("SELECT count() FROM numbers(1000000000000) WHERE cityHash64(number) = 1", {})


@pytest.fixture
async def database(clickhouse_url: str) -> AsyncIterator[Database]:
    database = await Database.connect(parse_clickhouse_url(clickhouse_url), query_seconds=60)
    yield database
    await database.close()


async def test_rows_come_by_name_with_aware_times(database: Database) -> None:
    batch_id = uuid.uuid4()
    sql = "SELECT fromUnixTimestamp64Milli({time:Int64}, 'UTC') AS time, {batch:UUID} AS batch"
    [row] = await database.rows(Query(sql, {"time": 1_769_860_800_250, "batch": str(batch_id)}))
    assert row["time"] == datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)
    assert row["time"].tzinfo is not None
    assert row["batch"] == batch_id


@pytest.mark.parametrize(
    "text", ["it's", 'say "x"', "back\\slash", "tab\tline\n", "{x:String}", "größe", "\\N", ""]
)
async def test_bound_text_comes_back_as_it_is(database: Database, text: str) -> None:
    [row] = await database.rows(
        Query("SELECT {text:String} AS one, {texts:Array(String)} AS many", {"text": text, "texts": [text]})
    )
    assert (row["one"], row["many"]) == (text, [text])


async def test_a_slow_query_is_stopped(clickhouse_url: str) -> None:
    database = await Database.connect(parse_clickhouse_url(clickhouse_url), query_seconds=1)
    try:
        with pytest.raises(ProblemError) as stopped:
            await database.rows(SLOW)
    finally:
        await database.close()
    assert stopped.value.kind is errors.QUERY_TIMEOUT


async def test_missing_tables_are_no_fault_of_the_caller(database: Database) -> None:
    with pytest.raises(ProblemError) as missing:
        await database.rows(Query("SELECT 1 FROM not_made_yet", {}))
    assert missing.value.kind is errors.CLICKHOUSE_AWAY
    assert "migrate" in missing.value.detail


async def test_a_wrong_query_is_our_mistake(database: Database) -> None:
    with pytest.raises(ClickHouseError):
        await database.rows(Query("SELECT FROM", {}))


async def test_clickhouse_may_go_and_come(tmp_path: Path) -> None:
    front = EmbeddedClickHouse(tmp_path).start()
    address = parse_clickhouse_url(url_of(front, "default"))
    database = await Database.connect(address, query_seconds=60)
    try:
        assert await database.answers()
        front.kill()
        assert not await database.answers()
        with pytest.raises(ProblemError) as away:
            await database.rows(Query("SELECT 1", {}))
        assert away.value.kind is errors.CLICKHOUSE_AWAY
        front.start()
        assert await database.rows(Query("SELECT 1 AS one", {})) == [{"one": 1}]
    finally:
        await database.close()
        front.stop()
