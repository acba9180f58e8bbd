"""clickhouse-connect, sync and async, against the embedded ClickHouse, as against a server."""

import asyncio
import datetime as dt
import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_connect.driver import AsyncClient, Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError

from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = pytest.mark.integration

COLUMNS = ["id", "text", "at", "tags", "values", "maybe"]
ROWS: list[list[Any]] = [
    [1, "a", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), ["x"], {"k": 1.5}, None],
    [2, "b 'quoted' \\", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), [], {}, -3],
]


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("clickhouse")).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
def client(front: EmbeddedClickHouse) -> Iterator[Client]:
    client = clickhouse_connect.get_client(**front.connection, tz_mode="aware")
    client.command(
        """CREATE TABLE things (id UInt32, text String, at DateTime64(3, 'UTC'), tags Array(String),
           values Map(String, Float64), maybe Nullable(Int8)) ENGINE = MergeTree ORDER BY id"""
    )
    yield client
    client.command("DROP TABLE things")
    client.close()


@pytest.fixture
async def async_client(
    front: EmbeddedClickHouse,
    client: Client,  # noqa: ARG001 - makes the table
) -> AsyncIterator[AsyncClient]:
    async with await clickhouse_connect.get_async_client(**front.connection, tz_mode="aware") as async_client:
        yield async_client


def test_rows_come_back_as_they_went(client: Client) -> None:
    summary = client.insert("things", ROWS, column_names=COLUMNS)
    assert summary.written_rows == 2
    result = client.query("SELECT * FROM things ORDER BY id")
    assert [list(row) for row in result.result_rows] == ROWS
    assert list(result.column_names) == COLUMNS
    assert client.query("SELECT * FROM things LIMIT 0").column_names == tuple(COLUMNS)


def test_parameters_and_commands(client: Client) -> None:
    client.insert("things", ROWS, column_names=COLUMNS)
    found = client.query(
        "SELECT id FROM things WHERE text = {text:String} AND at >= {since:DateTime64(3)}",
        parameters={"text": ROWS[1][1], "since": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)},
    )
    assert found.result_rows == [(2,)]
    assert client.command("SELECT count() FROM things") == 2
    assert client.command("SELECT 'a', 'b'") == ["a", "b"]
    assert client.command("EXISTS TABLE things") == 1
    assert client.command("INSERT INTO things (id) VALUES (5), (6)").written_rows == 2  # type: ignore[union-attr] # is a summary
    assert str(client.server_version).startswith("26.")
    assert client.ping()


def test_raw_interfaces(client: Client) -> None:
    client.raw_insert("things", ["id", "text"], b'{"id":7,"text":"z"}\n', fmt="JSONEachRow", compression=None)
    client.raw_insert("things", ["id"], io.BytesIO(b"8\n9\n"), fmt="CSV", settings={"async_insert": 0})
    assert client.raw_query("SELECT id FROM things ORDER BY id", fmt="CSVWithNames") == b'"id"\n7\n8\n9\n'
    with client.raw_stream("SELECT number FROM numbers(1000000)", fmt="CSV") as stream:
        assert len(stream.read()) == 6888890


def test_frames_and_arrow(client: Client) -> None:
    frame = client.query_df("SELECT number, toString(number) AS text FROM numbers(5)")
    assert list(frame["text"]) == ["0", "1", "2", "3", "4"]
    client.insert_df("things", frame.rename(columns={"number": "id"}).astype({"id": "uint32"}))
    assert client.command("SELECT count() FROM things") == 5
    table = client.query_arrow("SELECT number FROM numbers(5)")
    assert table.num_rows == 5
    with client.query_arrow_stream("SELECT number FROM numbers(1000000)") as batches:
        assert sum(batch.num_rows for batch in batches) == 1_000_000


def test_streams(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(3000000)") as blocks:
        assert sum(len(block) for block in blocks) == 3_000_000


def test_a_stream_that_fails_raises(client: Client) -> None:
    sql = "SELECT throwIf(number = 2999999) FROM numbers(3000000) SETTINGS max_threads = 1"
    with client.query_row_block_stream(sql) as blocks:
        iterator = iter(blocks)
        with pytest.raises(StreamFailureError, match="Code: 395"):
            for _ in iterator:
                pass


def test_sessions_work(client: Client) -> None:
    client.command("CREATE TEMPORARY TABLE mine (n UInt8)")
    client.insert("mine", [[1], [2]], column_names=["n"])
    assert client.command("SELECT sum(n) FROM mine") == 3
    client.command("SET max_threads = 1")
    assert client.command("SELECT getSetting('max_threads')") == 1


@pytest.mark.parametrize(("sql", "code"), [("SELECT * FROM absent", 60), ("SELECT", 62), ("GRANT x", 48)])
def test_errors_have_their_code(client: Client, sql: str, code: int) -> None:
    with pytest.raises(DatabaseError) as caught:
        client.command(sql)
    assert caught.value.code == code


def test_a_wrong_password_is_refused(front: EmbeddedClickHouse) -> None:
    with pytest.raises(DatabaseError) as caught:
        clickhouse_connect.get_client(**{**front.connection, "password": "wrong"})
    assert caught.value.code == 516


async def test_the_async_client(async_client: AsyncClient) -> None:
    await async_client.insert("things", ROWS, column_names=COLUMNS)
    result = await async_client.query("SELECT * FROM things ORDER BY id")
    assert [list(row) for row in result.result_rows] == ROWS
    await async_client.raw_insert("things", ["id"], b'{"id":7}\n' * 10, fmt="JSONEachRow")
    assert await async_client.command("SELECT count() FROM things") == 12
    async with await async_client.query_row_block_stream("SELECT number FROM numbers(3000000)") as blocks:
        assert sum([len(block) async for block in blocks]) == 3_000_000


async def test_many_at_once(async_client: AsyncClient) -> None:
    queries = [async_client.query("SELECT {n:UInt32}", parameters={"n": n}) for n in range(64)]
    answers = await asyncio.gather(*queries)
    assert [answer.result_rows for answer in answers] == [[(n,)] for n in range(64)]
