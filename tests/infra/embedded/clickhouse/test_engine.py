"""Statements side by side: nothing of one reaches another, a long one holds up nobody, limits hold."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import urllib3

from tests.infra.embedded.clickhouse.front import AUTHORIZATION, EmbeddedClickHouse
from tests.infra.embedded.clickhouse.waiting import wait_until

TOO_MANY = "202"
ENDLESS = (
    "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number)) SETTINGS max_threads = 1"
)
SETTINGS = (
    "SELECT getSetting('max_threads'), getSetting('max_block_size'), getSetting('insert_deduplication_token')"
)


def running(front: EmbeddedClickHouse) -> int:
    """Statements besides the one that asks."""
    return int(front.query("SELECT count() - 1 FROM system.processes"))


def test_settings_of_a_statement_end_with_it(clickhouse_front: EmbeddedClickHouse) -> None:
    before = clickhouse_front.query(SETTINGS)
    changed = clickhouse_front.query(
        SETTINGS, max_threads=7, max_block_size=11, insert_deduplication_token="secret"
    )
    assert changed == "7\t11\tsecret\n"
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda _: clickhouse_front.query(SETTINGS), range(32)))
    assert answers == {before}


def test_set_without_a_session_has_no_effect(clickhouse_front: EmbeddedClickHouse) -> None:
    before = clickhouse_front.query(SETTINGS)
    clickhouse_front.query("SET max_threads = 7")
    assert clickhouse_front.query(SETTINGS) == before


def test_databases_are_per_statement(clickhouse_front: EmbeddedClickHouse) -> None:
    assert clickhouse_front.query("SELECT currentDatabase()") == "promethios\n"
    assert clickhouse_front.query("SELECT currentDatabase()", database="system") == "system\n"
    assert clickhouse_front.query("SELECT currentDatabase()") == "promethios\n"
    response = clickhouse_front.request("SELECT 1", database="no_such_database")
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (404, "81")


def test_the_limit_of_time_is_kept(clickhouse_front: EmbeddedClickHouse) -> None:
    response = clickhouse_front.request(ENDLESS, max_execution_time=1)
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (408, "159")


def test_a_waiting_client_that_goes_away_cancels_its_query(clickhouse_front: EmbeddedClickHouse) -> None:
    with pytest.raises(urllib3.exceptions.TimeoutError):
        clickhouse_front.http.request(
            "POST", clickhouse_front.url, body=ENDLESS, headers=AUTHORIZATION, timeout=0.7
        )
    wait_until(lambda: running(clickhouse_front) == 0)


def test_a_reading_client_that_goes_away_cancels_its_query(clickhouse_front: EmbeddedClickHouse) -> None:
    sql = "SELECT number FROM numbers(1000000000000) FORMAT CSVWithNames"
    response = clickhouse_front.http.request(
        "POST", clickhouse_front.url, body=sql, headers=AUTHORIZATION, preload_content=False
    )
    assert response.read(10)
    assert running(clickhouse_front) == 1
    response.close()
    wait_until(lambda: running(clickhouse_front) == 0)


@pytest.fixture
def small_front(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(
        tmp_path, connections="2", queue="1", queue_timeout="0.5", memory=str(512 << 20), idle_timeout="1"
    ).start()
    yield front
    assert front.stop() == 0


def let_in(front: EmbeddedClickHouse) -> str:
    """Ask for an endless query until there is room for it; the code of the error that ends it."""
    while True:
        code = front.request(ENDLESS, max_execution_time=4).headers["X-ClickHouse-Exception-Code"]
        if code != TOO_MANY:
            return str(code)


def test_a_full_house_is_said_and_passes(small_front: EmbeddedClickHouse) -> None:
    with ThreadPoolExecutor(2) as threads:
        long = [threads.submit(let_in, small_front) for _ in range(2)]
        answers: list[urllib3.BaseHTTPResponse] = []

        def is_full() -> bool:
            answers.append(small_front.request("SELECT 1"))
            return "TOO_MANY" in answers[-1].data.decode()

        wait_until(is_full)
        assert small_front.answers()
        response = answers[-1]
        assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (503, TOO_MANY)
        assert response.headers["Retry-After"]
        assert {future.result() for future in long} == {"159"}
    assert small_front.query("SELECT 1") == "1\n"


def test_the_limits_of_memory_are_kept(small_front: EmbeddedClickHouse) -> None:
    greedy = "SELECT length(groupArray(number)) FROM numbers(1000000000)"
    of_statement = small_front.request(greedy)
    of_engine = small_front.request(greedy, max_memory_usage=0)
    for response in (of_statement, of_engine):
        assert response.headers["X-ClickHouse-Exception-Code"] == "241"
    assert b"(total)" in of_engine.data
    assert b"(total)" not in of_statement.data


def test_a_client_that_does_not_read_loses_its_turn(small_front: EmbeddedClickHouse) -> None:
    response = small_front.http.request(
        "POST",
        small_front.url,
        body="SELECT number FROM numbers(1000000000000)",
        headers=AUTHORIZATION,
        preload_content=False,
    )
    # An answer has begun: it ran a moment ago.
    assert response.status == 200
    wait_until(lambda: running(small_front) == 0)
    response.close()


def test_long_queries_hold_up_neither_pings_nor_inserts(clickhouse_front: EmbeddedClickHouse) -> None:
    clickhouse_front.query("CREATE TABLE beside (n UInt32) ENGINE = MergeTree ORDER BY n")
    head = (
        f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(ENDLESS)}\r\n"
        f"Authorization: {AUTHORIZATION['authorization']}\r\n\r\n"
    )
    with ExitStack() as clients:
        for _ in range(3):
            client = socket.create_connection(("127.0.0.1", clickhouse_front.port))
            clients.enter_context(client).sendall((head + ENDLESS).encode())
        wait_until(lambda: running(clickhouse_front) == 3)
        for number in range(5):
            assert clickhouse_front.answers()
            clickhouse_front.insert("beside", b'{"n":%d}\n' % number)
        assert running(clickhouse_front) == 3
    wait_until(lambda: running(clickhouse_front) == 0)
    assert clickhouse_front.query("SELECT count() FROM beside") == "5\n"
    clickhouse_front.query("DROP TABLE beside")
