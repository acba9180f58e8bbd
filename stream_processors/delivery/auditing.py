"""Reads the log, its dead letters and the tables, and compares them; everybody may go on meanwhile."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError
from clickhouse_connect.driver import create_async_client
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from runtime import kafka
from runtime.control_log import ControlReader
from runtime.group_offsets import fetch_group_offsets
from runtime.settings import ClickHouseAddress, KafkaAddress
from schemas.block import Kind
from schemas.control import CONTROL_TYPES
from schemas.dead_letters import (
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_STAGE,
    HEADER_TABLE,
    HEADER_TOPIC,
    Stage,
)
from schemas.delivery import Audit
from schemas.retention import Retention
from schemas.tables import TELEMETRY_TABLES
from schemas.topics import AUDITED_TOPICS, WRITER_GROUP, Topic
from stream_processors.deduplication import REMEMBERED_MS
from stream_processors.delivery.tally import HOUR_MS, Tally, hour_of
from stream_processors.log_reading import read_to
from stream_processors.writer.erasing import Erasures
from stream_processors.writer.rows import Record

_CLIENT_ID = "promethios-delivery"
_COORDINATOR_SECONDS = 30.0
_KIND_OF = {str(telemetry.table): kind for kind, telemetry in TELEMETRY_TABLES.items()}
_STORED = (
    "SELECT tenant_id, agent_id, toUnixTimestamp(toStartOfHour(received_at)) * 1000, count() FROM {table} "
    "WHERE received_at >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC') GROUP BY 1, 2, 3"
)


@dataclass(frozen=True, slots=True)
class _Log:
    """The clients, and the telemetry's partitions."""

    consumer: AIOKafkaConsumer
    admin: AIOKafkaAdminClient
    partitions: list[TopicPartition]


async def audit(kafka_address: KafkaAddress, clickhouse: ClickHouseAddress, hours: int | None) -> Audit:
    """Compare the last `hours` whole hours and the present one, or all that the log still has.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        clickhouse_connect's ClickHouseError: ClickHouse refused.
        TimeoutError: the broker stopped answering.
    """
    now = time.time_ns() // 1_000_000
    kept_days, erasures = await _gone(kafka_address)
    async with _connected(kafka_address) as log:
        wanted = 0 if hours is None else hour_of(now) - hours * HOUR_MS
        since = max([wanted, *[await _first_whole_hour(log, one) for one in log.partitions]])
        tally = Tally(since=since, now=now, kept_days=kept_days, erasures=erasures)
        # The commits first and the log's end last: so whatever is stored is in what is read of the log, and
        # what the writer stores meanwhile counts as waiting.
        committed = await _committed(log)
        for table in _KIND_OF:
            tally.stored(await _stored(clickhouse, table, since))
        for one in log.partitions:
            async for record in _from(log, one, since - REMEMBERED_MS):
                tally.record(record, committed[one])
        for row in await _dead_rows(log, since):
            tally.dead_row(row)
    return Audit(since=since, until=now, deliveries=tally.deliveries(), undecodable=tally.undecodable)


@asynccontextmanager
async def _connected(address: KafkaAddress) -> AsyncIterator[_Log]:
    consumer = kafka.consumer(address, client_id=_CLIENT_ID)
    admin = kafka.admin(address, client_id=_CLIENT_ID)
    try:
        await admin.start()
        await consumer.start()
        yield _Log(consumer, admin, await _partitions(admin, Topic.TELEMETRY))
    finally:
        await consumer.stop()
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient, topic: Topic) -> list[TopicPartition]:
    (found,) = await admin.describe_topics([topic.value])
    return [TopicPartition(topic.value, number) for number in range(len(found["partitions"]))]


async def _first_whole_hour(log: _Log, partition: TopicPartition) -> int:
    """The first hour of which the partition's log has everything."""
    start = (await log.consumer.beginning_offsets([partition]))[partition]
    if start == 0:
        return 0
    async for record in _from(log, partition, 0):
        return hour_of(record.timestamp) + HOUR_MS
    return 0


async def _from(log: _Log, partition: TopicPartition, since: int) -> AsyncIterator[Record]:
    consumer = log.consumer
    consumer.assign([partition])
    end = (await consumer.end_offsets([partition]))[partition]
    found = (await consumer.offsets_for_times({partition: max(0, since)}))[partition]
    if found is None:
        return
    consumer.seek(partition, found.offset)
    async for record in read_to(consumer, partition, end):
        yield record


async def _committed(log: _Log) -> Mapping[TopicPartition, int]:
    """The offsets that the writer stores next; 0 where it has stored nothing."""
    async for attempt in AsyncRetrying(
        # A new cluster makes its topic first, a coordinator that has just come reads it.
        retry=retry_if_exception_type((GroupCoordinatorNotAvailableError, GroupLoadInProgressError)),
        wait=wait_fixed(0.5),
        stop=stop_after_delay(_COORDINATOR_SECONDS),
        reraise=True,
    ):
        with attempt:
            found = await fetch_group_offsets(log.admin, WRITER_GROUP, log.partitions)
    return {one: max(0, found[one].offset) for one in log.partitions}


async def _stored(address: ClickHouseAddress, table: str, since: int) -> list[tuple[str, str, int, int]]:
    client = await create_async_client(
        host=address.host,
        port=address.port,
        username=address.username,
        password=address.password.get_secret_value(),
        database=address.database,
        secure=address.secure,
    )
    try:
        result = await client.query(_STORED.format(table=table), parameters={"since": since})
    finally:
        await client.close()
    return [
        (str(tenant), str(agent), int(hour), int(count)) for tenant, agent, hour, count in result.result_rows
    ]


async def _dead_rows(log: _Log, since: int) -> set[bytes]:
    """Rows of telemetry that a table refused; a letter that was written twice is one row."""
    rows: dict[tuple[bytes, ...], bytes] = {}
    for partition in await _partitions(log.admin, Topic.TELEMETRY_DEAD_LETTERS):
        async for record in _from(log, partition, since):
            headers = dict(record.headers)
            is_row = headers.get(HEADER_STAGE) == Stage.INSERT.value.encode()
            if is_row and headers.get(HEADER_TOPIC) == Topic.TELEMETRY.value.encode():
                origin = (headers[HEADER_PARTITION], headers[HEADER_OFFSET], headers[HEADER_TABLE])
                rows[*origin, record.value or b""] = record.value or b""
    return set(rows.values())


async def _gone(address: KafkaAddress) -> tuple[Mapping[tuple[str, Kind], int], Erasures]:
    """After how many days tenants' rows go, and what was erased."""
    types = {str(topic): CONTROL_TYPES[topic] for topic in AUDITED_TOPICS}
    reader = ControlReader(address, types, _CLIENT_ID)
    erasures = Erasures()
    reader.subscribe(erasures.apply)
    try:
        await reader.start()
        entries = reader.state.all(str(Topic.RETENTIONS)).values()
        retentions = [cast("Retention", entry.data) for entry in entries]
    finally:
        await reader.stop()
    days = {(one.tenant_id, _KIND_OF[table]): days for one in retentions for table, days in one.days.items()}
    return days, erasures
