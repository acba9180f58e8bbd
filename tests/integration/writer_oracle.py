"""What must be in the tables: computed from the log by a model of its own, compared row by row."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable

import orjson

from schemas.block import Kind, decode_block
from schemas.tables import DATABASE, Table
from tests.infra.clickhouse.roll_ups import assert_roll_ups
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Block

_TABLES = {
    Kind.LOG: Table.AGENT_LOGS,
    Kind.HEARTBEAT: Table.HEARTBEATS,
    Kind.VIOLATION: Table.REPORTED_VIOLATIONS,
    Kind.EVENT: Table.AGENT_EVENTS,
    Kind.COST: Table.COST_LEDGER,
}
_REMEMBERED = 16
_REMEMBERED_MS = 60_000
_LATEST_MS = 20_000

# (table, agent, batch, seq), and how often it is there: a key that comes again late enough counts anew.
Rows = Counter[tuple[str, str, str, int]]


def expected_rows(blocks: Iterable[tuple[Block, tuple[int, int]]]) -> Rows:
    """The rows of blocks at (partition, offset), without repeats of an agent's last keys and late ones.

    Last are 16 and those of the last minute; late is what came into the log 20 s after it was received.
    """
    rows: Rows = Counter()
    recent: dict[str, list[tuple[bytes, int]]] = defaultdict(list)
    for block, _ in sorted(blocks, key=lambda sent: sent[1]):
        decoded = decode_block(block.headers, block.value)
        for segment in decoded.segments:
            ring = recent[segment.agent_key]
            if segment.keyed:
                known = [batch_id for batch_id, _ in ring]
                if segment.batch_id in known or block.appended_at - segment.received_at > _LATEST_MS:
                    continue
                ring.append((segment.batch_id, block.appended_at))
                since = block.appended_at - _REMEMBERED_MS
                ring[:-_REMEMBERED] = [one for one in ring[:-_REMEMBERED] if one[1] >= since]
            batch = str(uuid.UUID(bytes=segment.batch_id))
            for seq in range(segment.lines):
                rows[_TABLES[decoded.kind], segment.agent_id, batch, seq] += 1
    return rows


def stored_rows(clickhouse: EmbeddedClickHouse, fleet: str) -> Rows:
    """The rows of a fleet's agents in all tables."""
    rows: Rows = Counter()
    for table in _TABLES.values():
        text = clickhouse.query(
            f"SELECT agent_id, toString(batch_id) AS batch, seq, toUInt32(count()) AS copies"  # noqa: S608 - a test's names
            f" FROM {table} WHERE startsWith(agent_id, '{fleet}-') GROUP BY ALL FORMAT JSONEachRow",
            database=DATABASE,
        )
        for line in text.splitlines():
            row = orjson.loads(line)
            rows[table.value, row["agent_id"], row["batch"], row["seq"]] = row["copies"]
    return rows


async def assert_stored(
    clickhouse: EmbeddedClickHouse, fleet: str, expected: Rows, seconds: float = 150
) -> None:
    """Wait until as many rows are there as there should be, and compare; the roll-ups with a recount too."""

    async def enough() -> bool:
        return stored_rows(clickhouse, fleet).total() >= expected.total()

    await until(f"{expected.total()} rows of {fleet}", enough, seconds)
    stored = stored_rows(clickhouse, fleet)
    extra, missing = stored - expected, expected - stored
    assert not extra, f"{extra.total()} rows that nobody sent, or copies: {extra.most_common(5)}"
    assert not missing, f"{missing.total()} rows are missing: {missing.most_common(5)}"
    assert_roll_ups(clickhouse, f"{fleet}-")
