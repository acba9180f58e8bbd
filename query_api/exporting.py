"""All rows of an agent as a ZIP of NDJSON, made while it is sent: no table is ever held as a whole."""

import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from io import RawIOBase

import msgspec

from query_api.database import Database
from query_api.erasing.columns import Column
from query_api.queries.query import Query
from schemas.identity import AgentRef

_LEVEL = 1
_TABLE_SECONDS = 3600
_BUFFER_BYTES = 64 * 1024


class BrokenOffError(Exception):
    """ClickHouse gave up within the answer; what was sent is no archive."""


class _Outlet(RawIOBase):
    """Takes what the archive writes and gives it away; it cannot go back, so nothing is kept."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override] # no other buffers come
        self._parts.append(bytes(data))
        self._size += len(data)
        return len(data)

    @property
    def is_full(self) -> bool:
        return self._size >= _BUFFER_BYTES

    def drain(self) -> bytes:
        """What was written since the last time."""
        found, self._parts, self._size = b"".join(self._parts), [], 0
        return found


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document that goes into the archive beside the tables."""

    name: str
    content: object


def tables_of_agents(tables: dict[str, Sequence[Column]]) -> list[str]:
    """The tables that name a tenant and an agent in each row."""
    return [
        table
        for table, columns in tables.items()
        if {"tenant_id", "agent_id"} <= {column.name for column in columns}
    ]


def rows_of_agent(table: str, ref: AgentRef) -> Query:
    """All rows of an agent in a table."""
    where = "tenant_id = {tenant_id:String} AND agent_id = {agent_id:String}"
    sql = f"SELECT * FROM {table} WHERE {where}"  # noqa: S608 - names are the database's own
    return Query(sql, {"tenant_id": ref.tenant_id, "agent_id": ref.agent_id})


async def archive(
    database: Database, ref: AgentRef, tables: Sequence[str], documents: Sequence[Document]
) -> AsyncIterator[bytes]:
    """The bytes of the ZIP file; an archive that breaks off has no directory, so nobody takes it for whole.

    Raises:
        ProblemError: as for `Database.stream`.
        BrokenOffError: see there.
    """
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as file:
        for document in documents:
            file.writestr(document.name, msgspec.json.format(msgspec.json.encode(document.content)))
        for table in tables:
            last = b"}\n"
            with file.open(f"{table}.ndjson", "w", force_zip64=True) as entry:
                async for part in database.stream(
                    rows_of_agent(table, ref), "JSONEachRow", {}, _TABLE_SECONDS
                ):
                    last = (last + part)[-2:]
                    entry.write(part)
                    if outlet.is_full:
                        yield outlet.drain()
            # An error that comes after the first rows is text behind the last of them.
            if last != b"}\n":
                raise BrokenOffError(f"the rows of {table} ended with an error")
    yield outlet.drain()
