"""A row is taken for stored only where it is, and where its token may be forgotten."""

import pytest

from runtime.settings import parse_clickhouse_url
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import DATABASE, Table
from stream_processors.writer.insert import Inserter
from stream_processors.writer.stored_before import without_stored
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.writer_process import clickhouse_url

pytestmark = pytest.mark.integration

_DAY = 86_400_000
_AT = 1_790_000_000_000
_ALTER = f"ALTER TABLE {Table.AGENT_LOGS} MODIFY SETTING non_replicated_deduplication_window = "


def _row(batch: int, day: int = 0) -> bytes:
    prefix = row_prefix("default", "forgetful", _AT + day * _DAY, batch.to_bytes(16))
    return encode_rows(prefix, [LogRow(LogLevel.INFO, "said")])


async def test_rows_of_a_day_are_left_out_when_their_token_may_be_forgotten(
    tables: EmbeddedClickHouse,
) -> None:
    inserter = Inserter(parse_clickhouse_url(clickhouse_url(tables.port)), 1, 30)
    chunk = _row(1) + _row(1, day=1) + _row(2)
    try:
        assert await without_stored(inserter, Table.AGENT_LOGS, chunk) == chunk
        await inserter.insert(Table.AGENT_LOGS, _row(1) + _row(2), "first")
        # There, but remembered: its token tells better, of the roll-ups too.
        assert await without_stored(inserter, Table.AGENT_LOGS, chunk) == chunk
        tables.query(_ALTER + "4", database=DATABASE)
        for number in range(2):
            await inserter.insert(Table.AGENT_LOGS, _row(10 + number), f"other {number}")
        assert await without_stored(inserter, Table.AGENT_LOGS, chunk) == _row(1, day=1)
        assert await without_stored(inserter, Table.AGENT_LOGS, b"poison\n") == b"poison\n"
        assert await without_stored(inserter, Table.TRUST_SCORES, chunk) == chunk
    finally:
        tables.query(_ALTER + "10000", database=DATABASE)
        await inserter.stop()
