"""The oracle: what the rules make of the telemetry topic, read from its start, when nothing goes wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

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

Kept = TypeVar("Kept")


@dataclass(slots=True)
class Replayed(Generic[Kept]):
    """A partition as of `fence`: its agents packed, what is kept of each event, and the offsets given up.

    `start` is the first offset that the log still has; what came before it is not in the replay. `later` are
    the events that follow from what stands behind the fence.
    """

    fence: int
    agents: dict[str, StateRecord]
    events: list[Kept] = field(default_factory=list)
    dead_letters: list[int] = field(default_factory=list)
    start: int = 0
    later: list[Kept] = field(default_factory=list)


class Stretch(NamedTuple):
    """A partition from its start to `fence`, included, and on to `end`, excluded, for what follows."""

    partition: int
    fence: int
    end: int = 0


async def replay(address: KafkaAddress, partition: int, fence: int) -> Replayed[DerivedEvent]:
    """`replay_keeping` all of each event, up to the record at `fence`; raises as it does."""
    return await replay_keeping(address, Stretch(partition, fence), lambda event: event)


async def replay_keeping(
    address: KafkaAddress,
    stretch: Stretch,
    keep: Callable[[DerivedEvent], Kept],
    known: Mapping[str, bytes] | None = None,
) -> Replayed[Kept]:
    """Absorb a stretch; `keep` says what is kept of an event.

    `known` are packed states to begin with, for a log whose start is gone.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
        TimeoutError: nothing came for 30 seconds before `fence` or `end` was reached.
    """
    partition, fence, end = stretch
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=_CLIENT_ID)
    target = TopicPartition(Topic.TELEMETRY, partition)
    absorber = Absorber(partition, packed=known)
    result: Replayed[Kept] = Replayed(fence, {})
    try:
        await reader.start()
        reader.assign([target])
        await reader.seek_to_beginning(target)
        result.start = await reader.position(target)
        async for record in read_to(reader, target, fence + 1):
            absorbed = absorber.absorb(to_log_record(record))
            result.events.extend(map(keep, absorbed.events))
            if absorbed.rejection is not None:
                result.dead_letters.append(record.offset)
        result.agents = {packed.key: packed for packed in absorber.pack_all()}
        reader.seek(target, max(fence + 1, result.start))
        async for record in read_to(reader, target, end):
            result.later.extend(map(keep, absorber.absorb(to_log_record(record)).events))
    finally:
        await reader.stop()
    return result
