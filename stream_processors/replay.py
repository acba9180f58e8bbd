"""The oracle: what the rules make of the telemetry topic, read from its start, when nothing goes wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.derived import DerivedEvent
from schemas.topics import Topic
from stream_processors.absorbing import Absorber
from stream_processors.log_reading import read_to
from stream_processors.log_record import to_log_record
from stream_processors.state.snapshot import StateRecord

_CLIENT_ID = "promethios-replay"


@dataclass(slots=True)
class Replayed:
    """A partition as of `fence`: its agents packed, all events that followed, and the offsets given up.

    `start` is the first offset that the log still has; what came before it is not in the replay. `later` are
    the events that follow from what stands behind the fence.
    """

    fence: int
    agents: dict[str, StateRecord]
    events: list[DerivedEvent] = field(default_factory=list)
    dead_letters: list[int] = field(default_factory=list)
    start: int = 0
    later: list[DerivedEvent] = field(default_factory=list)


async def replay(
    address: KafkaAddress,
    partition: int,
    fence: int,
    *,
    end: int = 0,
    known: Mapping[str, bytes] | None = None,
) -> Replayed:
    """Absorb a partition from its first record up to the one at `fence`, that one included.

    Goes on to `end`, excluded, for the events that follow. `known` are packed states to begin with, for a log
    whose start is gone.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        TimeoutError: nothing came for 30 seconds before `fence` or `end` was reached.
    """
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=_CLIENT_ID)
    target = TopicPartition(Topic.TELEMETRY, partition)
    absorber = Absorber(partition, packed=known)
    result = Replayed(fence, {})
    try:
        await reader.start()
        reader.assign([target])
        await reader.seek_to_beginning(target)
        result.start = await reader.position(target)
        async for record in read_to(reader, target, fence + 1):
            absorbed = absorber.absorb(to_log_record(record))
            result.events.extend(absorbed.events)
            if absorbed.rejection is not None:
                result.dead_letters.append(record.offset)
        result.agents = {packed.key: packed for packed in absorber.pack_all()}
        reader.seek(target, max(fence + 1, result.start))
        async for record in read_to(reader, target, end):
            result.later.extend(absorber.absorb(to_log_record(record)).events)
    finally:
        await reader.stop()
    return result
