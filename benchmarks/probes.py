"""Watching the load arrive: when a request is visible in SQL, and when a trust score has absorbed it."""

import asyncio
import time
from datetime import datetime

import clickhouse_connect
import httpx
import msgspec
from aiokafka import AIOKafkaConsumer
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.stack import Stack
from schemas.derived import TrustScore
from schemas.tables import Table
from schemas.topics import Topic

_PERIOD = 0.2
_AGES = "promethios_processors_stored_age_seconds_bucket"


class SqlProbe:
    """Polls the log table; remembers when each batch was first seen there."""

    def __init__(self, stack: Stack) -> None:
        """Watch `stack`."""
        self._stack = stack
        self.seen: dict[str, float] = {}

    async def watch(self) -> None:
        """Poll until cancelled: only rows newer than those already seen are asked for."""
        since = datetime(1970, 1, 1)  # noqa: DTZ001 - a bound parameter, in the server's UTC
        query = (
            f"SELECT toString(batch_id), received_at FROM {Table.AGENT_LOGS} "  # noqa: S608 - a constant table
            "WHERE received_at >= {since:DateTime64(3)} - INTERVAL 10 SECOND AND seq = 0"
        )
        async with await clickhouse_connect.get_async_client(**self._stack.clickhouse) as client:
            while True:
                answer = await client.query(query, parameters={"since": since})
                now = time.time()
                for batch_id, received_at in answer.result_rows:
                    self.seen.setdefault(batch_id, now)
                    since = max(since, received_at.replace(tzinfo=None))
                await asyncio.sleep(_PERIOD)

    async def count(self) -> tuple[int, int]:
        """Rows and distinct events in the log table."""
        query = f"SELECT count(), uniqExact(batch_id, seq) FROM {Table.AGENT_LOGS}"  # noqa: S608 - as above
        async with await clickhouse_connect.get_async_client(**self._stack.clickhouse) as client:
            rows, events = (await client.query(query)).result_rows[0]
        return int(rows), int(events)


class TrustProbe:
    """Consumes the trust scores like anybody may; remembers when each agent's `as_of` moved."""

    def __init__(self, stack: Stack) -> None:
        """Watch `stack`."""
        self._stack = stack
        self.moves: dict[str, list[tuple[float, float]]] = {}

    async def watch(self) -> None:
        """Consume until cancelled."""
        consumer = AIOKafkaConsumer(
            Topic.TRUST_SCORES, bootstrap_servers=self._stack.kafka, auto_offset_reset="latest"
        )
        await consumer.start()
        try:
            async for record in consumer:
                score = msgspec.json.decode(record.value, type=TrustScore)
                as_of = datetime.fromisoformat(score.as_of).timestamp()
                self.moves.setdefault(score.agent_id, []).append((as_of, time.time()))
        finally:
            await consumer.stop()


async def absorbed_ages(stack: Stack) -> dict[float, float]:
    """The processors' own measure: how late records' effects were stored, cumulative counts by bound."""
    address = await asyncio.to_thread((stack.data_dir / "run" / "processors.health").read_text)
    async with httpx.AsyncClient(base_url=address) as client:
        text = (await client.get("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {float(sample.labels["le"]): sample.value for sample in samples if sample.name == _AGES}
