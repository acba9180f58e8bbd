"""Reaching the stack."""

import socket

import pytest
from pydantic import SecretStr

from infra.demo.site import StackAddresses, open_site
from infra.errors import StackError
from runtime.settings import ClickHouseAddress


def addresses(clickhouse_port: int) -> StackAddresses:
    clickhouse = ClickHouseAddress(
        "127.0.0.1", clickhouse_port, "promethios", SecretStr("x"), "promethios", False
    )
    return StackAddresses("http://127.0.0.1:1", "http://127.0.0.1:1", "token", clickhouse)


async def test_a_clickhouse_that_is_away_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=f"ClickHouse at 127.0.0.1:{port} does not answer"):
            async with open_site(addresses(port)):
                pass
