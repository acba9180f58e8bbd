"""An agent's rows in small tables of a real ClickHouse, and an erasure job over them that can be killed."""

import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from aiokafka import TopicPartition

from query_api.database import NO_SETTINGS, Database, Row
from query_api.erasing.agents import AgentEnding
from query_api.erasing.job import ErasureJob
from query_api.erasing.writer_progress import WriterProgress
from query_api.queries.query import Query
from query_api.records import Records
from runtime.settings import parse_clickhouse_url
from schemas.erasures import Erasure, ErasureMode
from schemas.identity import AgentRef
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import url_of

ROWS = 6

_TABLES = (
    """
    CREATE TABLE notes (tenant_id LowCardinality(String), agent_id String, received_at DateTime64(3, 'UTC'),
        batch_id UUID, seq UInt32, message String, figure UInt64)
    ENGINE = MergeTree PARTITION BY toDate(received_at) ORDER BY (tenant_id, agent_id, batch_id, seq)
    TTL toDateTime(received_at) + INTERVAL 365 DAY
    SETTINGS non_replicated_deduplication_window = 100
    """,
    """
    CREATE TABLE notes_1d (tenant_id LowCardinality(String), agent_id String, day Date,
        notes SimpleAggregateFunction(sum, UInt64), figures SimpleAggregateFunction(sum, UInt64))
    ENGINE = AggregatingMergeTree PARTITION BY day ORDER BY (tenant_id, agent_id, day)
    SETTINGS non_replicated_deduplication_window = 100
    """,
    """
    CREATE MATERIALIZED VIEW notes_1d_mv TO notes_1d AS
    SELECT tenant_id, agent_id, toDate(received_at) AS day, count() AS notes, sum(figure) AS figures
    FROM notes GROUP BY tenant_id, agent_id, day
    """,
)


class Killed(BaseException):
    """What ends a process at a step: nothing may catch it."""


class Steps:
    """Counts what a job changes in the world, and kills it before the step of that number."""

    def __init__(self, fatal: int | None = None) -> None:
        self.fatal = fatal
        self.taken = 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.fatal:
            raise Killed


class SteppingDatabase(Database):
    """A Database whose every statement that changes something is a step; `before` is asked first."""

    def __init__(self, database: Database, steps: Steps) -> None:
        super().__init__(database._client, 60)
        self._steps = steps
        self.before: Callable[[Query], Awaitable[None]] | None = None

    async def run(self, statement: Query, settings: Mapping[str, Any] = NO_SETTINGS) -> None:
        if self.before is not None:
            await self.before(statement)
        # Those change no row and no table: to be killed before one is to be killed before the next.
        if not statement.sql.startswith("SYSTEM "):
            self._steps.take()
        await super().run(statement, settings)


class SmallWorld:
    """The control record in memory, where the first writer wins as in the log; one ClickHouse."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.record = Erasure("", "acme", ErasureMode.ANONYMISE, 1, "ada")
        self._steps = Steps()

    async def change(
        self, _: Erasure, alter: Callable[[Erasure], Erasure]
    ) -> tuple[Erasure, Mapping[str, int]]:
        altered = alter(self.record)
        if altered != self.record:
            self._steps.take()
            self.record = altered
        return self.record, {}

    async def revoke(self, _: AgentRef, *, by: str) -> None:
        assert by == "ada"

    async def end(self, ref: AgentRef) -> None:
        assert ref.agent_id == self.record.agent_id

    async def ends(self) -> dict[TopicPartition, int]:
        return {}

    async def behind(self, ends: Mapping[TopicPartition, int]) -> list[TopicPartition]:
        return list(ends)

    async def clear(self) -> None:
        """Empty the tables, which keeps them quick."""
        for table in ("notes", "notes_1d"):
            await self.database.run(Query(f"TRUNCATE TABLE {table}", {}))

    async def begin(self) -> str:
        """A new agent with rows of two days, and the erasure of it; its id."""
        agent_id = f"gone-{uuid.uuid4().hex[:8]}"
        sql = (
            "INSERT INTO notes SELECT 'acme', {agent:String}, now64(3) - toIntervalDay(number % 2), "
            "generateUUIDv4(), number, 'by ' || {agent:String}, number FROM numbers({rows:UInt64})"
        )
        await self.database.run(Query(sql, {"agent": agent_id, "rows": ROWS}))
        self.record = Erasure(
            str(uuid.uuid4()), "acme", ErasureMode.ANONYMISE, 1, "ada", agent_id=agent_id, up_to=_now()
        )
        return agent_id

    def job(self, steps: Steps) -> tuple[ErasureJob, SteppingDatabase]:
        """A process that carries it out, until a fatal step."""
        self._steps = steps
        database = SteppingDatabase(self.database, steps)
        parts = (cast("AgentEnding", self), database, cast("WriterProgress", self))
        return ErasureJob(cast("Records", self), *parts), database

    async def carry_out(self, fatal: int | None = None) -> Steps:
        """Let a process carry it out; it may be killed."""
        steps = Steps(fatal)
        job, _ = self.job(steps)
        await job.carry_out(self.record)
        return steps

    async def found(self, table: str) -> dict[str, tuple[int, int]]:
        """By agent: how many notes, and the sum of their figures."""
        counts = {"notes": "count(), sum(figure)", "notes_1d": "sum(t.notes), sum(t.figures)"}[table]
        sql = f"SELECT agent_id, ({counts}) AS found FROM {table} AS t GROUP BY agent_id"  # noqa: S608 - ours
        return {row["agent_id"]: row["found"] for row in await self.database.rows(Query(sql, {}))}

    async def leftovers(self) -> list[Row]:
        """What no table should be left of."""
        sql = "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, '.')"
        return await self.database.rows(Query(sql, {}))


@asynccontextmanager
async def small_world(clickhouse: EmbeddedClickHouse) -> AsyncIterator[SmallWorld]:
    name = f"moving_{uuid.uuid4().hex[:8]}"
    clickhouse.query(f"CREATE DATABASE {name}")
    for table in _TABLES:
        clickhouse.query(table, database=name)
    database = await Database.connect(parse_clickhouse_url(url_of(clickhouse, name)), 60)
    try:
        yield SmallWorld(database)
    finally:
        await database.close()


def _now() -> int:
    return time.time_ns() // 1_000_000
