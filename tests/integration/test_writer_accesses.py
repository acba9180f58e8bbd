"""Accesses become rows: as the query API writes them down, so the writer stores them, each once."""

import msgspec
import orjson
import pytest

from query_api.access_log import AccessLog
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction, ActorKind
from schemas.tables import DATABASE, Table
from schemas.topics import Topic
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
from tests.integration.writer_process import WriterProcess

pytestmark = pytest.mark.integration

ACCESS = Access(
    "audited", "", ActorKind.AGENT_KEY, "k1", AccessAction.SQL, "SELECT 'a\nb'", "2001:db8::1", 2**40
)


async def test_an_access_is_a_row(
    topics: KafkaAddress, tables: EmbeddedClickHouse, writer: WriterProcess
) -> None:
    producer = RestartingProducer(topics, client_id="test")
    await AccessLog(producer).record(ACCESS)
    # A copy of one event, as a producer that was cut off from its answer leaves it.
    headers = [("ce_id", b"twice"), ("ce_time", b"2026-01-31T12:00:00.250Z")]
    copy = OutgoingRecord(Topic.ACCESSES, msgspec.json.encode(ACCESS), b"audited", headers)
    await producer.send_all([copy, copy])
    await producer.stop()
    writer.start()

    async def are_there() -> bool:
        return len(_rows(tables)) == 2

    await until("two accesses in the audit", are_there)
    for row in _rows(tables):
        assert {name: row[name] for name in msgspec.to_builtins(ACCESS)} == msgspec.to_builtins(ACCESS)


def _rows(clickhouse: EmbeddedClickHouse) -> list[dict[str, object]]:
    text = clickhouse.query(
        f"SELECT * FROM {Table.ACCESS_AUDIT} FINAL WHERE tenant_id = 'audited' FORMAT JSONEachRow",  # noqa: S608 - a table of ours
        database=DATABASE,
        output_format_json_quote_64bit_integers=0,
    )
    return [orjson.loads(line) for line in text.splitlines()]
