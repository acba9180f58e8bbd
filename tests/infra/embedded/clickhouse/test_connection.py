"""What is said to a connection before and after a statement."""

import contextlib
from pathlib import Path
from unittest.mock import Mock

import pytest

from infra.embedded.clickhouse.connection import engine_address, prepare, prepared, sql_text
from infra.embedded.clickhouse.errors import ClickHouseError
from infra.embedded.clickhouse.settings import Settings

CHANGED = b'["max_threads","5"]\n["log_comment","it\'s\\tmine"]\n["database","x"]\n'


def said(connection: Mock) -> list[str]:
    return [call.args[0] for call in connection.query.call_args_list]


def test_a_new_connection_gets_what_the_statement_says() -> None:
    connection = Mock()
    prepare(connection, "a`b", {"max_threads": "1"}, {"x": "it's"})
    assert said(connection) == ["USE `a\\`b`", "SET param_x = 'it\\'s'", "SET max_threads = '1'"]
    connection.reset_mock()
    prepare(connection, None, {}, {})
    assert said(connection) == []


def test_a_long_parameter_may_be_longer_than_a_query() -> None:
    connection = Mock()
    connection.query.return_value.bytes.return_value = b"262144\n"
    prepare(connection, None, {}, {"x": "y" * 300_000})
    before, raised, bound, restored = said(connection)
    assert before == "SELECT getSetting('max_query_size')"
    assert int(raised.removeprefix("SET max_query_size = ")) > len(bound)
    assert restored == "SET max_query_size = 262144"


def test_a_sessions_connection_gets_back_what_it_had() -> None:
    connection = Mock()
    connection.query.return_value.bytes.side_effect = [CHANGED, b"mine\n"]
    settings = {"max_threads": "1", "max_block_size": "2", "log_comment": "key"}
    with contextlib.suppress(ValueError), prepared(connection, "other", settings, {}):
        connection.reset_mock()
        raise ValueError("the statement failed")
    assert said(connection) == [
        "USE `mine`",
        "SET max_threads = '5', max_block_size = DEFAULT, log_comment = 'it\\'s\tmine'",
    ]


def test_the_engine_gets_its_limits(tmp_path: Path) -> None:
    settings = Settings(path=tmp_path, password_file=tmp_path, memory=1 << 30, threads=3)
    path, _, arguments = engine_address(settings).partition("?")
    assert path == str(tmp_path)
    assert {
        f"max_server_memory_usage={1 << 30}",
        f"max_memory_usage={1 << 29}",
        "max_threads=3",
        "async_insert=0",
    } <= set(arguments.split("&"))


def test_sql_has_to_be_utf_8() -> None:
    assert sql_text("é".encode()) == "é"
    with pytest.raises(ClickHouseError, match="not UTF-8"):
        sql_text(b"\xff")
