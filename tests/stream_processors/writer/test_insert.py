"""Bad rows are told from a bad moment, and each insert is one block under its token."""

import asyncio
import io
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from pydantic import SecretStr

from runtime.settings import ClickHouseAddress
from stream_processors.writer import insert
from stream_processors.writer.insert import BadRowsError, Inserter, UnavailableError

_ADDRESS = ClickHouseAddress("nowhere", 1, "user", SecretStr("secret"), "promethios", secure=False)
_CANNOT_PARSE, _TOO_MANY_PARTS, _UNKNOWN_TABLE, _MEMORY_LIMIT = 27, 252, 60, 241


class FakeClient:
    """Fails as told."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error
        self.inserts: list[dict[str, Any]] = []

    async def raw_insert(self, table: str, **arguments: Any) -> None:  # noqa: ANN401 - as the real one
        self.inserts.append({"table": table, **arguments})
        if self._error is not None:
            raise self._error

    async def close(self) -> None: ...


def _inserter(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, seconds: float = 30
) -> tuple[Inserter, FakeClient]:
    client = FakeClient(error)

    async def connect(**_: object) -> FakeClient:
        return client

    monkeypatch.setattr(insert, "create_async_client", connect)
    return Inserter(_ADDRESS, 2, seconds), client


async def test_an_insert_is_one_block_under_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    inserter, client = _inserter(monkeypatch, None)

    await inserter.insert("agent_logs", b"{}\n", "a token")

    [sent] = client.inserts
    assert (sent["table"], sent["fmt"]) == ("agent_logs", "JSONEachRow")
    # Not as bytes, which the client would send twice by itself.
    assert isinstance(sent["insert_block"], io.BytesIO)
    assert sent["insert_block"].getvalue() == b"{}\n"
    settings = sent["settings"]
    assert settings["insert_deduplication_token"] == "a token"
    assert settings["async_insert"] == 0
    assert settings["deduplicate_blocks_in_dependent_materialized_views"] == 1
    assert settings["input_format_skip_unknown_fields"] == 0
    assert settings["date_time_input_format"] == "best_effort"
    assert settings["max_insert_block_size"] >= 1 << 30
    assert inserter.answers
    await inserter.stop()


async def test_bad_rows_are_refused_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    inserter, _ = _inserter(monkeypatch, DatabaseError("no number", code=_CANNOT_PARSE))

    with pytest.raises(BadRowsError, match="no number"):
        await inserter.insert("agent_logs", b"{}\n", "t")
    assert inserter.answers


@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("later", code=_TOO_MANY_PARTS),
        DatabaseError("migrate", code=_UNKNOWN_TABLE),
        DatabaseError("busy", code=_MEMORY_LIMIT),
        DatabaseError("of a number that nobody has heard of", code=99999),
        OperationalError("connection reset"),
        ConnectionRefusedError("nobody there"),
        TimeoutError(),
    ],
)
async def test_everything_else_may_pass(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    inserter, _ = _inserter(monkeypatch, error)

    with pytest.raises(UnavailableError):
        await inserter.insert("agent_logs", b"{}\n", "t")
    assert not inserter.answers


async def test_an_insert_that_hangs_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    inserter, client = _inserter(monkeypatch, None, seconds=0.05)

    async def hang(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(client, "raw_insert", hang)
    with pytest.raises(UnavailableError, match="TimeoutError"):
        await inserter.insert("agent_logs", b"{}\n", "t")


async def test_a_password_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    inserter, _ = _inserter(monkeypatch, OperationalError("refused"))

    with pytest.raises(UnavailableError) as error:
        await inserter.insert("agent_logs", b"{}\n", "t")
    assert "secret" not in str(error.value)
