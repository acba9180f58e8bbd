"""What there is on the derived topics: each event's copies, by id."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import decode_event
from schemas.errors import InvalidMessageError
from schemas.topics import DERIVED_TOPICS
from stream_processors.log_reading import read_to
from stream_processors.verification.comparing import Published, note_published


async def read_published(address: KafkaAddress, partitions: int, client_id: str) -> dict[str, Published]:
    """All events on the derived topics, of so many partitions each, from their starts to their present ends.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        InvalidMessageError: a record is no derived event; the text names its place.
        TimeoutError: the broker stopped answering.
    """
    published: dict[str, Published] = {}
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=client_id)
    try:
        await reader.start()
        targets = [TopicPartition(topic, number) for topic in DERIVED_TOPICS for number in range(partitions)]
        ends = await reader.end_offsets(targets)
        for target in targets:
            reader.assign([target])
            await reader.seek_to_beginning(target)
            await _read(reader, target, ends[target], published)
    finally:
        await reader.stop()
    return published


async def _read(
    reader: AIOKafkaConsumer, target: TopicPartition, end: int, published: dict[str, Published]
) -> None:
    async for record in read_to(reader, target, end):
        try:
            note_published(published, decode_event(record.headers, record.key, record.value))
        except InvalidMessageError as error:
            raise InvalidMessageError(
                f"{target.topic}[{target.partition}] offset {record.offset}: {error}"
            ) from error
