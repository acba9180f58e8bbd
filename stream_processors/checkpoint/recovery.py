"""Loading partitions: the stored state, checked against the log that it was made from."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.group_offsets import fetch_group_offsets
from runtime.settings import KafkaAddress
from schemas.topics import PROCESSORS_GROUP, Topic
from stream_processors.absorbing import Absorber
from stream_processors.checkpoint.meta import PartitionMeta, decode_meta, encode_meta
from stream_processors.state.bounds import LogBounds, replay_start
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import Snapshot
from stream_processors.state.topic_id import check_topic_id, fetch_topic_id

_CLIENT_ID = "promethios-processors-recovery"


class Recovered(NamedTuple):
    """A partition ready to go on: `start` is the offset to read next, `meta` goes with its checkpoints."""

    absorber: Absorber
    start: int
    committed: int | None
    meta: bytes


class LogFacts(NamedTuple):
    """What the broker says of the telemetry topic and of the group's offsets, at one moment."""

    topic_id: uuid.UUID
    bounds: dict[int, LogBounds]
    committed: dict[int, int]


def restore(snapshot: Snapshot, facts: LogFacts, partition: int) -> Recovered:
    """The state of a partition, if it fits the log; pure.

    Raises:
        StateMismatchError: state, log and committed offset do not belong together.
        InvalidMessageError: the state was written by another release.
    """
    if snapshot.meta is not None:
        check_topic_id(Topic.TELEMETRY, decode_meta(snapshot.meta).topic_id, facts.topic_id)
    committed = facts.committed.get(partition)
    start = replay_start(facts.bounds[partition], snapshot.fence, committed)
    packed = {key: entry.payload for key, entry in snapshot.entries.items()}
    absorber = Absorber(partition, start - 1, packed, snapshot.gone)
    return Recovered(absorber, start, committed, encode_meta(PartitionMeta(facts.topic_id)))


async def fetch_log(
    address: KafkaAddress, partitions: Sequence[int]
) -> tuple[uuid.UUID, dict[int, LogBounds]]:
    """The telemetry topic's id, and the bounds of these partitions.

    Raises:
        aiokafka.errors.KafkaError: the broker did not answer.
    """
    wanted = [TopicPartition(Topic.TELEMETRY, partition) for partition in partitions]
    reader: AIOKafkaConsumer = kafka.consumer(address, client_id=_CLIENT_ID)
    try:
        await reader.start()
        topic_id = await fetch_topic_id(reader, Topic.TELEMETRY)
        starts = await reader.beginning_offsets(wanted)
        ends = await reader.end_offsets(wanted)
    finally:
        await reader.stop()
    return topic_id, {tp.partition: LogBounds(tp.topic, tp.partition, starts[tp], ends[tp]) for tp in wanted}


class Recovery:
    """Reads what `restore` needs."""

    def __init__(self, address: KafkaAddress, state_log: StateLog) -> None:
        """Connect for each load."""
        self._address = address
        self._state_log = state_log

    async def load(self, partitions: Sequence[int]) -> list[Recovered]:
        """Load partitions, in their order.

        Raises:
            StateMismatchError: see `restore`.
            InvalidMessageError: see `restore`.
            aiokafka.errors.KafkaError: the broker did not answer.
            TimeoutError: the broker stopped answering.
        """
        # State first: a former owner may still write, and a fence must not look newer than the log's end.
        snapshots = [await self._state_log.load(partition) for partition in partitions]
        facts = await self._facts(partitions)
        recovered = [restore(snapshot, facts, p) for p, snapshot in zip(partitions, snapshots, strict=True)]
        for found, snapshot in zip(recovered, snapshots, strict=True):
            if snapshot.meta is None and found.start > 0:
                # Before its offset is committed: or else a crash before the first checkpoint would look like
                # state that was lost.
                await self._state_log.write(found.absorber.partition, found.start - 1, (), found.meta)
        return recovered

    async def _facts(self, partitions: Sequence[int]) -> LogFacts:
        topic_id, bounds = await fetch_log(self._address, partitions)
        return LogFacts(topic_id, bounds, await self._committed(partitions))

    async def _committed(self, partitions: Sequence[int]) -> dict[int, int]:
        wanted = [TopicPartition(Topic.TELEMETRY, partition) for partition in partitions]
        admin = kafka.admin(self._address, client_id=_CLIENT_ID)
        try:
            await admin.start()
            offsets = await fetch_group_offsets(admin, PROCESSORS_GROUP, wanted)
        finally:
            await admin.close()
        return {tp.partition: found.offset for tp, found in offsets.items() if found.offset >= 0}
