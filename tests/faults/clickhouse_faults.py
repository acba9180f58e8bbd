"""Faults of ClickHouse that a test brings about: tokens that are forgotten, and a disk that is full."""

import resource
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.block import Kind, decode_block
from schemas.tables import DATABASE, TELEMETRY_TABLES
from stream_processors.writer.insert import SETTINGS
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.integration.telemetry_feed import Fleet

_WINDOW = 4
_USUAL_WINDOW = 10_000
_KINDS = (Kind.LOG, Kind.HEARTBEAT, Kind.VIOLATION, Kind.EVENT, Kind.COST)


@contextmanager
def short_memory(clickhouse: EmbeddedClickHouse) -> Iterator[None]:
    """The tables remember few tokens while the body runs; their roll-ups remember as many as ever."""
    _remember(clickhouse, _WINDOW)
    try:
        yield
    finally:
        _remember(clickhouse, _USUAL_WINDOW)


def insert_more_than_is_remembered(clickhouse: EmbeddedClickHouse) -> None:
    """Blocks of others, so that each table of `Fleet` has forgotten all tokens from before."""
    blocks: defaultdict[Kind, list[bytes]] = defaultdict(list)
    others = Fleet("others", agents=5, seed=1)
    while any(len(blocks[kind]) <= _WINDOW for kind in _KINDS):
        for block in others.blocks(50):
            blocks[decode_block(block.headers, block.value).kind].append(block.value)
    for kind in _KINDS:
        table = TELEMETRY_TABLES[kind].table
        for number, value in enumerate(blocks[kind][: _WINDOW + 1]):
            token = f"others:{table}:{number}:{id(blocks)}"
            clickhouse.insert(
                table, value, database=DATABASE, **SETTINGS | {"insert_deduplication_token": token}
            )


@contextmanager
def full_disk(clickhouse: EmbeddedClickHouse) -> Iterator[None]:
    """No file of ClickHouse can grow while the body runs: as on a full disk, without being root."""
    unlimited = resource.prlimit(clickhouse.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(clickhouse.pid, resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        yield
    finally:
        resource.prlimit(clickhouse.pid, resource.RLIMIT_FSIZE, unlimited)


def _remember(clickhouse: EmbeddedClickHouse, window: int) -> None:
    for kind in _KINDS:
        table = TELEMETRY_TABLES[kind].table
        clickhouse.query(
            f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = {window}",
            database=DATABASE,
        )
