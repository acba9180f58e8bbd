"""Results: every format whole, small or streamed, compressed or not; and streams that fail."""

import gzip
import zlib
from collections.abc import Callable

import lz4.frame  # type: ignore[import-untyped] # it has no stubs
import pytest
import urllib3
from backports import zstd

from tests.infra.embedded.clickhouse.front import AUTHORIZATION, EmbeddedClickHouse

ROWS = 3_000_000
TWO_ROWS = "SELECT number FROM numbers(2) "
FAILS_AT_THE_END = "SELECT number, throwIf(number = 2999999) FROM numbers(3000000) SETTINGS max_threads = 1"


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("", "0\n1\n"),
        ("FORMAT CSVWithNames", '"number"\n0\n1\n'),
        ("FORMAT JSONCompactEachRow SETTINGS output_format_json_quote_64bit_integers = 1", '["0"]\n["1"]\n'),
        ("SETTINGS max_threads = 1 FORMAT TSV; -- the end", "0\n1\n"),
        ("FORMAT Null", ""),
    ],
)
def test_formats(clickhouse_front: EmbeddedClickHouse, clause: str, expected: str) -> None:
    assert clickhouse_front.query(TWO_ROWS + clause) == expected


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        ("SHOW DATABASES LIKE 'promethios'", "promethios\n"),
        ("SHOW DATABASES LIKE 'promethios' FORMAT JSONEachRow", '{"name":"promethios"}\n'),
        ("SHOW TABLES FROM system LIKE 'one'", "one\n"),
    ],
)
def test_listings_give_rows(clickhouse_front: EmbeddedClickHouse, listing: str, expected: str) -> None:
    assert clickhouse_front.query(listing) == expected


@pytest.mark.parametrize("wait_end_of_query", [0, 1])
def test_large_results_are_whole(clickhouse_front: EmbeddedClickHouse, wait_end_of_query: int) -> None:
    text = clickhouse_front.query(
        "SELECT number FROM numbers({rows:UInt64}) FORMAT CSVWithNames",
        param_rows=ROWS,
        wait_end_of_query=wait_end_of_query,
    )
    lines = text.splitlines()
    assert lines[0] == '"number"'
    assert lines[1:] == [str(number) for number in range(ROWS)]


@pytest.mark.parametrize("rows", [0, 10, ROWS])
@pytest.mark.parametrize(
    ("encoding", "decode"),
    [
        ("gzip", gzip.decompress),
        ("deflate", zlib.decompress),
        ("zstd", zstd.decompress),
        ("lz4", lz4.frame.decompress),
    ],
)
def test_compressed_results(
    clickhouse_front: EmbeddedClickHouse, encoding: str, decode: Callable[[bytes], bytes], rows: int
) -> None:
    sql = "SELECT number FROM numbers({rows:UInt64})"
    headers = {"Accept-Encoding": f"br, {encoding}"}
    response = clickhouse_front.request(sql, param_rows=rows, enable_http_compression=1, headers=headers)
    plain = clickhouse_front.request(sql, param_rows=rows, headers=headers)
    assert "Content-Encoding" not in plain.headers
    assert (decode(response.data) if rows else response.data) == plain.data


def test_totals_are_kept(clickhouse_front: EmbeddedClickHouse) -> None:
    sql = "SELECT number % 2 AS n, count() FROM numbers(4) GROUP BY n WITH TOTALS ORDER BY n"
    assert clickhouse_front.query(sql) == "0\t2\n1\t2\n\n0\t4\n"


@pytest.mark.parametrize("encoding", ["identity", "zstd"])
def test_a_failed_stream_is_cut_behind_the_announced_marker(
    clickhouse_front: EmbeddedClickHouse, encoding: str
) -> None:
    response = clickhouse_front.http.request(
        "POST",
        clickhouse_front.url + "?enable_http_compression=1",
        body=FAILS_AT_THE_END,
        headers={**AUTHORIZATION, "Accept-Encoding": encoding},
        preload_content=False,
        decode_content=False,
    )
    assert response.status == 200
    tag = response.headers["X-ClickHouse-Exception-Tag"]
    received = b""
    with pytest.raises(urllib3.exceptions.ProtocolError):  # noqa: PT012 - what came before counts
        for piece in response.stream(1 << 16):
            received += piece
    if encoding == "zstd":
        received = zstd.decompress(received)
    assert f"__exception__\r\n{tag}\r\nCode: 395. DB::Exception".encode() in received[-2000:]
    assert received.endswith(f" {tag}\r\n__exception__\r\n".encode())


def test_waiting_for_the_end_gives_the_error_its_status(clickhouse_front: EmbeddedClickHouse) -> None:
    response = clickhouse_front.request(
        FAILS_AT_THE_END,
        wait_end_of_query=1,
    )
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (500, "395")


def test_parameters_are_bound(clickhouse_front: EmbeddedClickHouse) -> None:
    answer = clickhouse_front.query(
        "SELECT {text:String}, {list:Array(String)}, {name:Identifier}, "
        "{none:Nullable(Int8)} FROM (SELECT 7 x)",
        param_text="it's",
        param_list="['a','b']",
        param_name="x",
        param_none="\\N",
    )
    assert answer == "it\\'s\t['a','b']\t7\t\\N\n"
    assert clickhouse_front.request("SELECT {text:String}").headers["X-ClickHouse-Exception-Code"] == "456"
