"""What clickhouse-connect's own integration tests try on a server, tried on the embedded ClickHouse.

The cases are written anew; their themes are those of the library's tests: native types, inserts, formats,
parameters, sessions, time zones, streams, errors, external data.
"""

import datetime as dt
import decimal
import ipaddress
import threading
import uuid
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import clickhouse_connect
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from clickhouse_connect.driver import Client
from clickhouse_connect.driver.exceptions import DatabaseError, ProgrammingError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

pytestmark = pytest.mark.integration

UTC = dt.UTC


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("cases")).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
def client(front: EmbeddedClickHouse) -> Iterator[Client]:
    client = clickhouse_connect.get_client(**front.connection, tz_mode="aware")
    yield client
    client.close()


@pytest.mark.parametrize(
    ("type_name", "values"),
    [
        ("Int8", [-128, 0, 127]),
        ("UInt64", [0, 2**64 - 1]),
        ("Int128", [-(2**127), 2**127 - 1]),
        ("UInt256", [0, 2**256 - 1]),
        ("Float32", [0.5, -1.25]),
        ("Float64", [1e300, float("inf")]),
        ("Bool", [True, False]),
        ("Decimal(18, 4)", [decimal.Decimal("1.2345"), decimal.Decimal("-0.0001")]),
        ("Decimal256(20)", [decimal.Decimal("123456789.12345678901234567890")]),
        ("String", ["", "größe", "it's \\ \n\t", "\0"]),
        ("FixedString(4)", [b"abcd", b"a\0\0\0"]),
        ("LowCardinality(String)", ["a", "b", "a"]),
        ("LowCardinality(Nullable(String))", ["a", None, ""]),
        ("Nullable(Int32)", [None, 1, None]),
        ("Nullable(String)", [None, "", "x"]),
        ("UUID", [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)]),
        ("IPv4", [ipaddress.IPv4Address("10.1.2.3")]),
        ("IPv6", [ipaddress.IPv6Address("2001:db8::1")]),
        ("Date", [dt.date(1970, 1, 1), dt.date(2149, 6, 6)]),
        ("Date32", [dt.date(1925, 1, 1), dt.date(2283, 11, 11)]),
        ("DateTime('UTC')", [dt.datetime(2026, 1, 31, 12, tzinfo=UTC)]),
        ("DateTime('Europe/Vienna')", [dt.datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Vienna"))]),
        ("DateTime64(6, 'UTC')", [dt.datetime(1969, 12, 31, 23, 59, 59, 123456, tzinfo=UTC)]),
        ("Enum8('a' = 1, 'b' = -2)", ["a", "b"]),
        ("Array(Array(Nullable(UInt8)))", [[[1, None], []], []]),
        ("Map(String, Array(Int64))", [{"a": [1], "b": []}, {}]),
        ("Tuple(String, Nullable(Float64))", [("a", 1.5), ("", None)]),
        ("Point", [(1.0, 2.0)]),
    ],
)
def test_values_of_a_type_come_back_as_they_went(client: Client, type_name: str, values: list[Any]) -> None:
    client.command(f"CREATE OR REPLACE TABLE typed (place UInt32, value {type_name}) ENGINE = Memory")
    client.insert("typed", [[place, value] for place, value in enumerate(values)])
    assert list(client.query("SELECT value FROM typed ORDER BY place").result_columns[0]) == values


def test_json_and_variant_columns(client: Client) -> None:
    client.command(
        "CREATE OR REPLACE TABLE dynamic (doc JSON, any Variant(UInt64, String)) "
        "ENGINE = MergeTree ORDER BY ()"
    )
    client.insert("dynamic", [[{"a": 1, "b": {"c": "x"}}, "text"]], column_names=["doc", "any"])
    [[document, variant]] = client.query("SELECT doc, any FROM dynamic").result_rows
    assert document["b"]["c"] == "x"
    assert variant == "text"
    assert client.command("SELECT doc.b.c FROM dynamic") == "x"


def test_nested_and_named_tuples(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE nested (n Nested(k String, v UInt8)) ENGINE = Memory")
    client.insert("nested", [[["a", "b"], [1, 2]]], column_names=["n.k", "n.v"])
    assert client.query("SELECT n.k, n.v FROM nested").result_rows == [(["a", "b"], [1, 2])]
    named = "SELECT CAST((1, 'x'), 'Tuple(a UInt8, b String)') AS t"
    assert client.query(named).result_rows[0][0] in ({"a": 1, "b": "x"}, (1, "x"))


def test_bad_inserts_leave_nothing(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE strict (n UInt8, s String) ENGINE = Memory")
    with pytest.raises((ProgrammingError, DatabaseError)):
        client.insert("strict", [[1, "a", "too many"]])
    with pytest.raises(DatabaseError):
        client.insert("strict", [[1]], column_names=["absent"])
    with pytest.raises(DatabaseError) as parsing:
        client.raw_insert("strict", ["n", "s"], b"1\ta\nx\tb\n", fmt="TSV")
    assert parsing.value.code in {6, 27, 72}
    assert client.command("SELECT count() FROM strict") == 0


@pytest.mark.parametrize("compression", ["gzip", "zstd", "lz4", False])
def test_each_compression(front: EmbeddedClickHouse, compression: str | bool) -> None:
    client = clickhouse_connect.get_client(**front.connection, compress=compression)
    client.command("CREATE OR REPLACE TABLE squeezed (n UInt64, s String) ENGINE = Memory")
    client.insert("squeezed", [[n, str(n) * 10] for n in range(5_000)])
    assert client.query("SELECT count(), sum(n) FROM squeezed").first_row == (5_000, 12_497_500)
    assert client.query("SELECT s FROM squeezed WHERE n = 77").first_row == ("77" * 10,)
    client.close()


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("String", "it's {x} \\ \n"),
        ("Int64", -5),
        ("Float64", 1.5),
        ("Array(String)", ["a'b", ""]),
        ("Array(Array(UInt8))", [[1], []]),
        ("Nullable(String)", None),
        ("DateTime64(3, 'UTC')", dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("Date", dt.date(2026, 1, 2)),
        ("UUID", uuid.UUID(int=7)),
        ("Bool", True),
    ],
)
def test_bound_parameters(client: Client, type_name: str, value: object) -> None:
    found = client.query(f"SELECT {{value:{type_name}}} AS value", parameters={"value": value}).result_rows[
        0
    ][0]
    assert found == value


def test_names_and_client_side_parameters(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE bound (n UInt8) ENGINE = Memory")
    assert client.command("SELECT count() FROM {t:Identifier}", parameters={"t": "bound"}) == 0
    assert client.query("SELECT %s || %s", parameters=["it's ", "5 %"]).first_row == ("it's 5 %",)
    assert client.query("SELECT %(a)s", parameters={"a": "x'y"}).first_row == ("x'y",)


def test_form_encoded_queries(front: EmbeddedClickHouse) -> None:
    client = clickhouse_connect.get_client(**front.connection, form_encode_query_params=True)
    long = ["x" * 1_000] * 500
    assert client.query("SELECT length({p:Array(String)})", parameters={"p": long}).first_row == (500,)
    client.close()


def test_settings_of_a_client_and_of_a_query(front: EmbeddedClickHouse) -> None:
    client = clickhouse_connect.get_client(**front.connection, settings={"max_threads": 3})
    assert client.command("SELECT getSetting('max_threads')") == 3
    assert client.command("SELECT getSetting('max_threads')", settings={"max_threads": 2}) == 2
    assert client.command("SELECT getSetting('max_threads')") == 3
    with pytest.raises(DatabaseError) as unknown:
        client.command("SELECT 1", settings={"no_such_setting": 1})
    assert unknown.value.code == 115
    with pytest.raises(DatabaseError) as slow:
        client.query("SELECT count() FROM numbers(1000000000000)", settings={"max_execution_time": 1})
    assert slow.value.code == 159
    client.close()


def test_what_a_session_holds_is_of_one_client(front: EmbeddedClickHouse) -> None:
    one = clickhouse_connect.get_client(**front.connection, session_id=str(uuid.uuid4()))
    other = clickhouse_connect.get_client(**front.connection)
    one.command("CREATE TEMPORARY TABLE private (n UInt8)")
    assert one.command("SELECT count() FROM private") == 0
    with pytest.raises(DatabaseError) as absent:
        other.command("SELECT count() FROM private")
    assert absent.value.code == 60
    one.close()
    other.close()


def test_threads_share_a_client_without_a_session(front: EmbeddedClickHouse) -> None:
    client = clickhouse_connect.get_client(**front.connection, autogenerate_session_id=False)
    sums: list[object] = []

    def ask(n: int) -> None:
        sums.append(client.command("SELECT sum(number) FROM numbers({n:UInt32})", parameters={"n": n}))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sums) == sorted(n * (n - 1) // 2 for n in range(1, 9))  # type: ignore[type-var] # are numbers
    client.close()


def test_time_zones(client: Client) -> None:
    sql = "SELECT toDateTime('2026-07-01 10:00:00', 'UTC') AS t"
    vienna = client.query(sql, query_tz="Europe/Vienna").result_rows[0][0]
    assert vienna.utcoffset() == dt.timedelta(hours=2)
    assert vienna == dt.datetime(2026, 7, 1, 10, tzinfo=UTC)
    tokyo = client.query(sql, column_tzs={"t": "Asia/Tokyo"}).result_rows[0][0]
    assert tokyo.utcoffset() == dt.timedelta(hours=9)
    assert client.server_tz is not None


def test_read_formats(client: Client) -> None:
    address = client.query("SELECT toIPv4('10.0.0.1')", query_formats={"IPv*": "string"}).result_rows[0][0]
    assert address == "10.0.0.1"
    raw = client.query("SELECT toFixedString('ab', 2)", query_formats={"FixedString": "string"}).result_rows[
        0
    ][0]
    assert raw == "ab"


def test_numpy_and_pandas(client: Client) -> None:
    array = client.query_np("SELECT number, number * 1.5 AS f FROM numbers(4)")
    assert array["f"].tolist() == [0, 1.5, 3, 4.5]
    client.command(
        "CREATE OR REPLACE TABLE frames "
        "(n Nullable(Int32), s String, t DateTime64(9, 'UTC'), b Bool) ENGINE = Memory"
    )
    times = pd.to_datetime(["2026-01-01 00:00:00.123456789", "2026-02-01"], utc=True, format="ISO8601")
    frame = pd.DataFrame({"n": pd.array([1, None], "Int32"), "s": ["a", "b"], "t": times, "b": [True, False]})
    client.insert_df("frames", frame)
    back = client.query_df("SELECT * FROM frames ORDER BY s")
    assert back["s"].tolist() == ["a", "b"]
    assert pd.isna(back["n"][1])
    assert back["t"][0].nanosecond == 789
    with client.query_df_stream("SELECT number FROM numbers(200000)") as blocks:
        assert sum(len(block) for block in blocks) == 200_000
    assert np.issubdtype(array["number"].dtype, np.integer)


def test_arrow_there_and_back(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE arrows (n Int64, s Nullable(String)) ENGINE = Memory")
    client.insert_arrow("arrows", pa.table({"n": [1, 2], "s": ["a", None]}))
    table = client.query_arrow("SELECT * FROM arrows ORDER BY n", use_strings=True)
    assert table.to_pydict() == {"n": [1, 2], "s": ["a", None]}


@pytest.mark.parametrize("form", ["JSON", "JSONCompact", "CSVWithNames", "TSKV", "Values", "Markdown", "XML"])
def test_raw_formats(client: Client, form: str) -> None:
    assert b"42" in client.raw_query("SELECT 42 AS answer", fmt=form)


def test_streams_by_columns_rows_and_an_early_end(client: Client) -> None:
    with client.query_column_block_stream("SELECT number FROM numbers(200000)") as columns:
        assert sum(len(block[0]) for block in columns) == 200_000
    with client.query_rows_stream("SELECT number FROM numbers(100000)") as rows:
        assert sum(row[0] for row in rows) == 4_999_950_000
    with client.query_rows_stream("SELECT number FROM numbers(100000000)") as rows:
        assert next(iter(rows)) == (0,)
    assert client.command("SELECT 1") == 1


def test_an_error_in_a_stream_names_its_code(client: Client) -> None:
    sql = "SELECT intDiv(1, number - 2999999) FROM numbers(3000000) SETTINGS max_threads = 1"
    with pytest.raises(StreamFailureError, match="Code: 153"), client.query_rows_stream(sql) as rows:
        for _ in rows:
            pass


def test_contexts_and_empty_results(client: Client) -> None:
    context = client.create_query_context("SELECT {n:UInt8} AS n WHERE {n:UInt8} > 1", parameters={"n": 5})
    assert client.query(context=context).result_rows == [(5,)]
    context.set_parameter("n", 1)
    assert client.query(context=context).result_rows == []


def test_the_summary_and_the_query_id(client: Client) -> None:
    client.command("CREATE OR REPLACE TABLE counted (n UInt8) ENGINE = Memory")
    summary = client.insert("counted", [[1], [2], [3]])
    assert summary.written_rows == 3
    result = client.query("SELECT * FROM counted", settings={"query_id": "mine-1"})
    assert result.query_id == "mine-1"
    assert int(result.summary["read_rows"]) == 3


def test_what_the_embedded_engine_cannot_is_refused_clearly(
    client: Client, front: EmbeddedClickHouse
) -> None:
    external = ExternalData(file_name="x", data=b"1\n", fmt="CSV", structure="n UInt8")
    for attempt in (
        lambda: client.query("SELECT * FROM x", external_data=external),
        lambda: client.command("CREATE USER somebody"),
        lambda: client.command("GRANT SELECT ON *.* TO somebody"),
        lambda: client.command("KILL QUERY WHERE 1"),
    ):
        with pytest.raises(DatabaseError) as refused:
            attempt()
        assert refused.value.code == 48
        assert "embedded ClickHouse" in str(refused.value)
    assert b"Code: 48" in front.request("SELECT 1", compress=1).data
    assert b"Code: 358" in front.request("SELECT 1 INTO OUTFILE 'x'").data


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT version()",
        "SELECT name FROM system.databases",
        "SELECT name FROM system.tables WHERE database = 'promethios'",
        "SELECT name, type FROM system.columns WHERE database = 'system' AND table = 'one'",
        "SELECT toStartOfInterval(now(), INTERVAL 60 second) AS time, avg(1) FROM numbers(9) GROUP BY time",
    ],
)
def test_what_grafanas_plugin_sends_is_answered_natively(front: EmbeddedClickHouse, sql: str) -> None:
    answer = front.request(f"{sql} FORMAT Native", client_protocol_version=54460, max_execution_time=60)
    assert answer.status == 200, answer.data
    assert answer.headers["x-clickhouse-format"] == "Native"
    information = bytes.fromhex("010002ffffffff00")
    assert answer.data.startswith(information), "a driver with TCP's decoder would misread it"
