"""Compares partitions with replays of their logs; the processors may run meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from schemas.verification import Verification
from stream_processors.absorbing import is_control
from stream_processors.checkpoint.meta import decode_meta
from stream_processors.checkpoint.recovery import fetch_log
from stream_processors.replay import Stretch, replay_keeping
from stream_processors.state.bounds import LogBounds, StateMismatchError, replay_start
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import Snapshot
from stream_processors.state.topic_id import check_topic_id
from stream_processors.verification.comparing import Published, compare, expected_of
from stream_processors.verification.published import read_published

_CLIENT_ID = "promethios-verification"
_TRIES = 20
_PAUSE_SECONDS = 0.25


async def verify(address: KafkaAddress, partitions: Sequence[int]) -> AsyncIterator[Verification]:
    """Compare these partitions, in their order.

    Raises:
        aiokafka.errors.KafkaError: the broker refused, or the log's start went while it was read.
        InvalidMessageError: a record of a derived topic cannot be read.
        TimeoutError: the broker stopped answering.
    """
    count = await partition_count(address)
    for partition in partitions:
        # One after the other, so that what is held is one partition's. State first: what it follows from was
        # published before it, while the processors go on publishing. The log's end last: whatever was
        # published follows from what stands before it.
        snapshot = await _whole_checkpoint(address, partition)
        published = await read_published(address, partition, count, _CLIENT_ID)
        topic_id, bounds = await fetch_log(address, [partition])
        log = bounds[partition]
        try:
            if isinstance(snapshot, InvalidMessageError):
                raise snapshot
            check_fits(snapshot, log, topic_id)
            yield await _verify(address, log, snapshot, published)
        except (StateMismatchError, InvalidMessageError) as error:
            yield Verification(partition=partition, start=log.start, refused=str(error))


async def partition_count(address: KafkaAddress) -> int:
    """How many partitions the telemetry topic has.

    Raises:
        aiokafka.errors.KafkaError: the broker refused.
    """
    admin = kafka.admin(address, client_id=_CLIENT_ID)
    try:
        await admin.start()
        (topic,) = await admin.describe_topics([Topic.TELEMETRY.value])
        return len(topic["partitions"])
    finally:
        await admin.close()


def check_fits(snapshot: Snapshot, log: LogBounds, topic_id: UUID) -> None:
    """Refuse a checkpoint that was not made from this log, or that goes on from what the log has lost.

    Raises:
        StateMismatchError: it does not fit.
        InvalidMessageError: another release wrote it.
    """
    if snapshot.meta is not None:
        check_topic_id(Topic.TELEMETRY, decode_meta(snapshot.meta).topic_id, topic_id)
    replay_start(log, snapshot.fence, None)


async def _verify(
    address: KafkaAddress, bounds: LogBounds, snapshot: Snapshot, published: Mapping[str, Published]
) -> Verification:
    known = {}
    if bounds.start:
        # Models and policies from before the log's start: they keep their versions, each with its offset.
        known = {key: entry.payload for key, entry in snapshot.entries.items() if is_control(key)}
    stretch = Stretch(bounds.partition, snapshot.fence, bounds.end)
    replayed = await replay_keeping(address, stretch, expected_of, known)
    return compare(bounds.partition, snapshot, replayed, published)


async def _whole_checkpoint(address: KafkaAddress, partition: int) -> Snapshot | InvalidMessageError:
    """The stored state: read again when it was read in the middle of a checkpoint; or why it cannot be."""
    state_log = StateLog(Topic.PROCESSOR_STATE, address, client_id=_CLIENT_ID)
    try:
        for _ in range(_TRIES):
            snapshot = await state_log.load(partition)
            if is_whole(snapshot):
                return snapshot
            await asyncio.sleep(_PAUSE_SECONDS)
    except InvalidMessageError as error:
        return error
    return InvalidMessageError(
        "the last checkpoint was broken off half-way: start the processors, who make it whole, and try again"
    )


def is_whole(snapshot: Snapshot) -> bool:
    """Whether no entry is ahead of the checkpoint's fence."""
    return not snapshot.gone and all(entry.fence <= snapshot.fence for entry in snapshot.entries.values())
