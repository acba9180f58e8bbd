"""The oracle: what the rules make of the telemetry topic, read from its start, when nothing goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DerivedEvent
from schemas.topics import Topic
from stream_processors.absorbing import Absorber
from stream_processors.log_record import LogRecord
from stream_processors.state.snapshot import StateRecord

_CLIENT_ID = "promethios-replay"
_STALLED_SECONDS = 30.0
_POLL_MS = 500


@dataclass(slots=True)
class Replayed:
    """A partition as of `fence`: its agents packed, all events that followed, and the offsets given up."""

    fence: int
    agents: dict[str, StateRecord]
    events: list[DerivedEvent] = field(default_factory=list)
    dead_letters: list[int] = field(default_factory=list)


async def replay(address: KafkaAddress, partition: int, fence: int) -> Replayed:
    """Absorb a partition from its first record up to the one at `fence`, that one included.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        TimeoutError: nothing came for 30 seconds before `fence` was reached.
    """
    absorber = Absorber(partition)
    result = Replayed(fence, {})
    async for record in _read(address, partition, fence):
        absorbed = absorber.absorb(to_log_record(record))
        result.events.extend(absorbed.events)
        if absorbed.rejection is not None:
            result.dead_letters.append(record.offset)
    result.agents = {packed.key: packed for packed in absorber.pack_all()}
    return result


def to_log_record(record: ConsumerRecord) -> LogRecord:
    """An aiokafka record in our terms."""
    return LogRecord(
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
    )


async def _read(address: KafkaAddress, partition: int, fence: int) -> AsyncIterator[ConsumerRecord]:
    target = TopicPartition(Topic.TELEMETRY, partition)
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=_CLIENT_ID)
    try:
        await reader.start()
        reader.assign([target])
        await reader.seek_to_beginning(target)
        while await reader.position(target) <= fence:
            for record in await _next_records(reader, target):
                if record.offset <= fence:
                    yield record
    finally:
        await reader.stop()


async def _next_records(reader: AIOKafkaConsumer, target: TopicPartition) -> Sequence[ConsumerRecord]:
    """Wait for records, or for the position to move over a gap."""
    position = await reader.position(target)
    async with asyncio.timeout(_STALLED_SECONDS):
        while await reader.position(target) == position:
            batches = await reader.getmany(target, timeout_ms=_POLL_MS)
            if records := batches.get(target):
                return list(records)
    return ()
