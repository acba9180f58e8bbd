"""An archive is made while it is sent, holds every table, and is none where it breaks off."""

import io
import json
import zipfile
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import pytest

from query_api.database import Database
from query_api.erasing.columns import Column
from query_api.exporting import BrokenOffError, Document, archive, rows_of_agent, tables_of_agents
from query_api.queries.query import Query
from schemas.identity import AgentRef

REF = AgentRef("acme", "scout")
PART = b'{"a":1}\n' * 10_000


class Rows:
    """Gives so many parts for each table, and notes how many it has given."""

    def __init__(self, parts: int, end: bytes = b"") -> None:
        self.parts = parts
        self.end = end
        self.given = 0

    async def stream(
        self, query: Query, format_name: str, settings: Mapping[str, Any], seconds: int
    ) -> AsyncGenerator[bytes, None]:
        assert (format_name, query.parameters["agent_id"]) == ("JSONEachRow", "scout")
        assert not settings
        assert seconds > 0
        for _ in range(self.parts):
            self.given += 1
            yield PART
        if self.end:
            yield self.end


async def archived(rows: Rows, tables: list[str]) -> bytes:
    parts = archive(cast("Database", rows), REF, tables, [Document("agent.json", {"agent_id": "scout"})])
    return b"".join([part async for part in parts])


async def test_every_table_is_an_entry() -> None:
    with zipfile.ZipFile(io.BytesIO(await archived(Rows(3), ["logs", "costs"]))) as file:
        assert file.testzip() is None
        assert file.namelist() == ["agent.json", "logs.ndjson", "costs.ndjson"]
        assert json.loads(file.read("agent.json")) == {"agent_id": "scout"}
        assert file.read("costs.ndjson") == 3 * PART


async def test_an_agent_without_rows_has_empty_entries() -> None:
    with zipfile.ZipFile(io.BytesIO(await archived(Rows(0), ["logs"]))) as file:
        assert file.read("logs.ndjson") == b""


async def test_no_more_is_held_than_is_on_its_way() -> None:
    rows, given, largest = Rows(2_000), 0, 0
    async for part in archive(cast("Database", rows), REF, ["logs"], []):
        largest = max(largest, len(part))
        given += 1
    assert given > 5
    assert rows.given == 2_000
    assert largest < 256 * 1024


async def test_an_error_within_the_rows_leaves_no_archive() -> None:
    rows, sent = Rows(2, end=b"Code: 241. DB::Exception: Memory limit"), list[bytes]()

    async def receive() -> None:
        async for part in archive(cast("Database", rows), REF, ["logs"], []):
            sent.append(part)

    with pytest.raises(BrokenOffError, match="logs"):
        await receive()
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(sent)))


def test_only_tables_that_name_agents_are_asked() -> None:
    tenant, agent = Column("tenant_id", "String", True), Column("agent_id", "String", True)
    assert tables_of_agents({"logs": [tenant, agent], "spend": [tenant], "other": [agent]}) == ["logs"]
    assert "acme" not in rows_of_agent("logs", REF).sql
