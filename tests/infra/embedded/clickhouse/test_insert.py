"""Inserts: one block per partition, all or nothing, counted once however often they are sent."""

import gzip
import socket
import zlib
from collections.abc import Iterator
from urllib.parse import quote

import cramjam
import lz4.frame  # type: ignore[import-untyped] # it has no stubs
import orjson
import pytest
from backports import zstd

from tests.infra.embedded.clickhouse.front import AUTHORIZATION, NO_HEADERS, EmbeddedClickHouse
from tests.infra.embedded.clickhouse.waiting import wait_until

DAYS = 3
SCHEMA = (
    """CREATE TABLE landing (at DateTime64(3), n UInt32, text String) ENGINE = MergeTree
       PARTITION BY toDate(at) ORDER BY n SETTINGS non_replicated_deduplication_window = 10000""",
    """CREATE TABLE daily (day Date, rows UInt64) ENGINE = SummingMergeTree
       PARTITION BY day ORDER BY day SETTINGS non_replicated_deduplication_window = 10000""",
    """CREATE MATERIALIZED VIEW counting TO daily AS
       SELECT toDate(at) AS day, count() AS rows FROM landing GROUP BY day""",
    "SYSTEM STOP MERGES landing",
)
EXACTLY_ONCE = {
    "async_insert": 0,
    "input_format_parallel_parsing": 0,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "input_format_skip_unknown_fields": 0,
}


def rows(count: int, padding: int = 40) -> bytes:
    """NDJSON of `count` rows over several days."""
    filler = "x" * padding
    lines = (
        orjson.dumps({"at": f"2026-01-0{1 + n % DAYS} 00:00:00.000", "n": n, "text": filler})
        for n in range(count)
    )
    return b"\n".join(lines) + b"\n"


@pytest.fixture
def table(clickhouse_front: EmbeddedClickHouse) -> Iterator[str]:
    """A partitioned table `landing` and a view that counts into `daily`."""
    for statement in SCHEMA:
        clickhouse_front.query(statement)
    yield "landing"
    for name in ("counting", "daily", "landing"):
        clickhouse_front.query(f"DROP TABLE {name}")


def counts(front: EmbeddedClickHouse) -> tuple[int, int]:
    """Rows in the table, and what the view has counted."""
    stored = front.query("SELECT count() FROM landing")
    return int(stored), int(front.query("SELECT sum(rows) FROM daily"))


def parts(front: EmbeddedClickHouse) -> int:
    return int(front.query("SELECT count() FROM system.parts WHERE table = 'landing' AND active"))


@pytest.mark.parametrize(("count", "padding"), [(300, 40), (150_000, 160)], ids=["small", "32MiB"])
def test_a_token_sent_three_times_counts_once(
    clickhouse_front: EmbeddedClickHouse, table: str, count: int, padding: int
) -> None:
    body = rows(count, padding)
    for _ in range(3):
        clickhouse_front.insert(table, body, insert_deduplication_token="first", **EXACTLY_ONCE)
        assert counts(clickhouse_front) == (count, count)
        assert parts(clickhouse_front) == DAYS  # one block for each partition
    clickhouse_front.insert(table, body, insert_deduplication_token="second", **EXACTLY_ONCE)
    assert counts(clickhouse_front) == (2 * count, 2 * count)


def test_a_bad_row_keeps_all_others_out(clickhouse_front: EmbeddedClickHouse, table: str) -> None:
    body = rows(1000) + b'{"at":"2026-01-01 00:00:00","n":"seven"}\n'
    response = clickhouse_front.request(f"INSERT INTO {table} FORMAT JSONEachRow", body)
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (400, "27")
    assert counts(clickhouse_front) == (0, 0)


def test_a_body_that_is_cut_off_leaves_nothing(clickhouse_front: EmbeddedClickHouse, table: str) -> None:
    body = rows(100_000, 200)  # more than is read before the statement starts
    query = quote(f"INSERT INTO {table} FORMAT JSONEachRow")
    head = (
        f"POST /?query={query} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 1}\r\n"
        f"Authorization: {AUTHORIZATION['authorization']}\r\n\r\n"
    )
    told = clickhouse_front.log.count("ClientDisconnectedError")
    with socket.create_connection(("127.0.0.1", clickhouse_front.port)) as connection:
        connection.sendall(head.encode() + body)
    wait_until(lambda: clickhouse_front.log.count("ClientDisconnectedError") > told)
    wait_until(lambda: clickhouse_front.query("SELECT count() FROM system.processes") == "1\n")
    assert counts(clickhouse_front) == (0, 0)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(rows(5000))),
        ("gzip", gzip.compress(rows(2000)) + gzip.compress(rows(3000))),
        ("deflate", zlib.compress(rows(5000))),
        ("zstd", zstd.compress(rows(5000))),
        ("lz4", lz4.frame.compress(rows(5000))),
        ("br", bytes(cramjam.brotli.compress(rows(5000), 1))),
    ],
)
def test_compressed_bodies(
    clickhouse_front: EmbeddedClickHouse, table: str, encoding: str, body: bytes
) -> None:
    sql = f"INSERT INTO {table} FORMAT JSONEachRow"
    response = clickhouse_front.request(sql, body, headers={"Content-Encoding": encoding})
    assert response.status == 200, response.data
    assert counts(clickhouse_front) == (5000, 5000)


def test_a_compressed_body_that_is_cut_off_leaves_nothing(
    clickhouse_front: EmbeddedClickHouse, table: str
) -> None:
    sql = f"INSERT INTO {table} FORMAT JSONEachRow"
    body = zstd.compress(rows(5000))[:-10]
    response = clickhouse_front.request(sql, body, headers={"Content-Encoding": "zstd"})
    assert response.headers["X-ClickHouse-Exception-Code"] == "271"
    assert counts(clickhouse_front) == (0, 0)


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO landing (n, text) VALUES (1, 'a'), (1 + 1, 'b; ''c')",
        b"INSERT INTO landing (n, text) FORMAT CSV\n1,a\n2,b\n",
        b'INSERT INTO landing SETTINGS async_insert = 0 FORMAT JSONEachRow {"n":1}{"n":2}',
        b"INSERT INTO landing (n, text) SELECT number + 1, 'x' FROM numbers(2)",
        b"INSERT INTO {name:Identifier} (n) FORMAT TSV\n1\n2\n",
    ],
)
def test_statement_and_data_in_one_body(
    clickhouse_front: EmbeddedClickHouse, table: str, text: bytes
) -> None:
    clickhouse_front.query(text, param_name=table)
    assert clickhouse_front.query("SELECT n FROM landing ORDER BY n") == "1\n2\n"


def test_the_summary_counts_the_rows(clickhouse_front: EmbeddedClickHouse, table: str) -> None:
    response = clickhouse_front.request(f"INSERT INTO {table} FORMAT JSONEachRow", rows(10))
    summary = orjson.loads(response.headers["X-ClickHouse-Summary"])
    assert summary["written_rows"] == "10"


@pytest.mark.parametrize(
    ("change", "back"),
    [
        ("ALTER TABLE landing ADD CONSTRAINT few CHECK n < 5", "ALTER TABLE landing DROP CONSTRAINT few"),
        ("ALTER TABLE daily ADD CONSTRAINT few CHECK rows < 2", "ALTER TABLE daily DROP CONSTRAINT few"),
    ],
    ids=["in the table", "in a view's table"],
)
def test_what_fails_behind_the_parsing_is_told(
    clickhouse_front: EmbeddedClickHouse, table: str, change: str, back: str
) -> None:
    body = rows(300)
    clickhouse_front.query(change)
    response = clickhouse_front.request(
        f"INSERT INTO {table} FORMAT JSONEachRow",
        body,
        NO_HEADERS,
        insert_deduplication_token="once",
        **EXACTLY_ONCE,
    )
    assert response.headers["X-ClickHouse-Exception-Code"] == "469"
    clickhouse_front.query(back)
    for _ in range(2):
        clickhouse_front.insert(table, body, insert_deduplication_token="once", **EXACTLY_ONCE)
        assert counts(clickhouse_front) == (300, 300)


def test_an_error_does_not_tell_where_the_data_was_kept(
    clickhouse_front: EmbeddedClickHouse, table: str
) -> None:
    response = clickhouse_front.request(f"INSERT INTO {table} FORMAT JSONEachRow", b'{"n":"seven"}')
    assert b"While executing" in response.data
    assert b"/dev/fd" not in response.data


@pytest.mark.parametrize("name", ["settings", "`settings`", "TABLE settings", "default.settings"])
def test_a_table_may_be_called_settings(clickhouse_front: EmbeddedClickHouse, name: str) -> None:
    clickhouse_front.query("CREATE TABLE default.settings (n UInt32) ENGINE = Memory")
    sql = f"INSERT INTO {name} SETTINGS async_insert = 0 FORMAT TSV"
    clickhouse_front.query(sql, b"1\n2\n", database="default")
    assert clickhouse_front.query("SELECT sum(n) FROM default.settings") == "3\n"
    clickhouse_front.query("DROP TABLE default.settings")
