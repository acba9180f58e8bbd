"""Reading and writing a partition of a state topic: the checkpoints of whoever owns that input partition."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import chain

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from runtime import kafka
from runtime.settings import KafkaAddress
from stream_processors.state.snapshot import (
    META_KEY,
    NOTHING_ABSORBED,
    Snapshot,
    SnapshotMerger,
    StateRecord,
    decode_record,
    encode_record,
    state_record,
)

_BATCH_BYTES = 1024 * 1024
_POLL_MS = 500
_STALLED_SECONDS = 30.0
_TAIL_RECORDS = 100


class UnsureOwnerError(Exception):
    """Nothing was written, because the partition may be somebody else's by now."""


class StateLog:
    """A state topic with as many partitions as its input topic; each belongs to the owner of the input's."""

    def __init__(self, topic: str, address: KafkaAddress, *, client_id: str) -> None:
        """Use `topic`; connections are made when they are needed.

        `loaded` counts the records that `load` reads: it grows while a long one goes on.
        """
        self._topic = topic
        self._address = address
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()
        self.loaded = 0

    async def stop(self) -> None:
        """Disconnect; a later `write` connects again."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def load(self, partition: int) -> Snapshot:
        """Read a partition from its start to the end that it has now.

        Raises:
            aiokafka.errors.KafkaError: the broker refused.
            InvalidMessageError: a record is none of ours.
            TimeoutError: nothing came for 30 seconds before the end was reached.
        """
        target = TopicPartition(self._topic, partition)
        async with self._reader(target) as reader:
            end = (await reader.end_offsets([target]))[target]
            await reader.seek_to_beginning(target)
            return await _read_to(reader, target, end, self._count_loaded)

    def _count_loaded(self, records: int) -> None:
        self.loaded += records

    async def newest_fence(self, partition: int) -> int:
        """A fence up to which the partition's state is stored, the newest that is near the end; -1: none.

        Reads backwards in growing steps until it meets a checkpoint's meta record, which comes only after
        the entries that it stands for. `load` would find this fence or a higher one.

        Raises:
            aiokafka.errors.KafkaError: the broker refused.
            InvalidMessageError: a record is none of ours.
            TimeoutError: nothing came for 30 seconds before the end was reached.
        """
        target = TopicPartition(self._topic, partition)
        async with self._reader(target) as reader:
            first = (await reader.beginning_offsets([target]))[target]
            end = (await reader.end_offsets([target]))[target]
            start, step = end, _TAIL_RECORDS
            while start > first:
                start = max(first, end - step)
                reader.seek(target, start)
                snapshot = await _read_to(reader, target, end)
                if snapshot.meta is not None:
                    return snapshot.fence
                step *= 10
        return NOTHING_ABSORBED

    async def write(
        self,
        partition: int,
        fence: int,
        entries: Iterable[StateRecord],
        meta: bytes,
        may_write: Callable[[], bool] = lambda: True,
    ) -> int:
        """Write changed entries, then the meta record.

        Returns how many bytes that was, not compressed, when all is acknowledged. After an error any part may
        have been stored, which is harmless as long as the caller writes the same entries, or newer ones, the
        next time. `may_write` is asked at the last moment, when the records get their time: what leaves the
        process long after it, the broker refuses.

        Raises:
            aiokafka.errors.KafkaError: not everything was acknowledged.
            UnsureOwnerError: `may_write` said no.
            ValueError: an entry has the key of the meta record.
        """
        producer = await self._started_producer()
        if not may_write():
            raise UnsureOwnerError(f"partition {partition}, fence {fence}")
        try:
            batches = _fill_batches(producer, entries, state_record(META_KEY, fence, meta))
            written: int = sum(batch.size() for batch in batches)
            await self._send_in_order(producer, partition, batches)
        except KafkaError:
            await self._discard(producer)
            raise
        return written

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        # Its sequence numbers may be out of step with the broker's now: the next write gets a new one.
        if self._producer is producer:
            self._producer = None
        await producer.stop()

    async def _send_in_order(
        self, producer: AIOKafkaProducer, partition: int, batches: Sequence[BatchBuilder]
    ) -> None:
        # The last batch, which holds the meta record, is sent only when all entries are stored.
        for group in (batches[:-1], batches[-1:]):
            sent = [await producer.send_batch(b, self._topic, partition=partition) for b in group]
            await asyncio.gather(*sent)

    async def _started_producer(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = kafka.producer(
                    self._address, client_id=self._client_id, linger_ms=0, max_batch_size=_BATCH_BYTES
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    @contextlib.asynccontextmanager
    async def _reader(self, target: TopicPartition) -> AsyncIterator[AIOKafkaConsumer]:
        reader = kafka.consumer(self._address, client_id=self._client_id)
        try:
            await reader.start()
            reader.assign([target])
            yield reader
        finally:
            await reader.stop()


async def _read_to(
    reader: AIOKafkaConsumer, target: TopicPartition, end: int, count: Callable[[int], None] | None = None
) -> Snapshot:
    """What the records from the reader's position up to `end` say; `count` is told how many come."""
    merger = SnapshotMerger()
    while (position := await reader.position(target)) < end:
        async with asyncio.timeout(_STALLED_SECONDS):
            records = await _read_on(reader, target, position, merger)
        if count is not None:
            count(records)
    return merger.snapshot()


async def _read_on(
    reader: AIOKafkaConsumer, target: TopicPartition, position: int, merger: SnapshotMerger
) -> int:
    """Absorb records until the position has moved; compaction may leave nothing but gaps."""
    absorbed = 0
    while await reader.position(target) == position:
        batches = await reader.getmany(target, timeout_ms=_POLL_MS)
        for record in batches.get(target, ()):
            merger.absorb(decode_record(record.key, record.value, record.headers))
            absorbed += 1
    return absorbed


def _fill_batches(
    producer: AIOKafkaProducer, entries: Iterable[StateRecord], meta: StateRecord
) -> list[BatchBuilder]:
    batches = [producer.create_batch()]
    for record in chain(entries, (meta,)):
        if record.key == META_KEY and record is not meta:
            raise ValueError(f"{META_KEY} is not a key for entries")
        key, value, headers = encode_record(record)
        while batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
            # A batch takes any record as its first, so this ends.
            batches.append(producer.create_batch())
    batches[-1].close()
    return batches
