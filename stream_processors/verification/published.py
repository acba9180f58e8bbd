"""What there is on the derived topics: each event's copies, by id."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DerivedEvent, decode_event
from schemas.errors import InvalidMessageError
from schemas.topics import DERIVED_TOPICS
from stream_processors.log_reading import read_to
from stream_processors.verification.comparing import Published, follows_from, note_published


async def read_published(
    address: KafkaAddress, partition: int, count: int, client_id: str
) -> dict[str, Published]:
    """What follows from one of `count` partitions of the telemetry, on the derived topics as they are now.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        InvalidMessageError: a record is no derived event; the text names its place.
        TimeoutError: the broker stopped answering.
    """
    published: dict[str, Published] = {}
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=client_id)
    try:
        await reader.start()
        targets = [TopicPartition(topic, number) for topic in DERIVED_TOPICS for number in range(count)]
        ends = await reader.end_offsets(targets)
        # All at once: to be assigned anew takes a third of a second, and most are empty on a small stack.
        reader.assign(targets)
        await reader.seek_to_beginning(*targets)
        for target in targets:
            async for event in _events(reader, target, ends[target]):
                if follows_from(event, count) == partition:
                    note_published(published, event)
    finally:
        await reader.stop()
    return published


async def _events(reader: AIOKafkaConsumer, target: TopicPartition, end: int) -> AsyncIterator[DerivedEvent]:
    async for record in read_to(reader, target, end):
        if record.value is None:
            # It ends what an erased agent had on a compacted topic.
            continue
        try:
            event = decode_event(record.headers, record.key, record.value)
        except InvalidMessageError as error:
            raise InvalidMessageError(
                f"{target.topic}[{target.partition}] offset {record.offset}: {error}"
            ) from error
        yield event
