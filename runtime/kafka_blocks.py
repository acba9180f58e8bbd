"""A producer of few large records, which costs less for each of their bytes than aiokafka's.

Its batches are put together by one copy of the records in place of three, and checked by the processor's own
instruction for CRC-32C, where aiokafka counts by tables.
"""

import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import google_crc32c
from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.util import encode_varint

from runtime.kafka_compression import compress

# From Kafka's protocol, a record batch of magic 2: all but the checksum, before and behind it.
_BEFORE_CHECKSUM = struct.Struct(">qiib")
_BEHIND_CHECKSUM = struct.Struct(">hiqqqhii")
_CHECKSUM = struct.Struct(">I")
_HEADER_BYTES = _BEFORE_CHECKSUM.size + _CHECKSUM.size + _BEHIND_CHECKSUM.size
# The first offset, which the broker sets, and the length itself do not count for the length.
_UNCOUNTED_BYTES = 12
_NO_LEADER_EPOCH = -1
_MAGIC = 2
_UNCOMPRESSED, _LZ4 = 0, 3


class Appended(NamedTuple):
    """What aiokafka keeps of a record until it is stored."""

    offset: int
    size: int
    timestamp: int


class BlockBatchBuilder:
    """Does what aiokafka's builder of record batches does, and is called by it in the same way."""

    def __init__(self, batch_size: int) -> None:
        """Takes one record of any size, and more while all are within `batch_size` bytes."""
        self._batch_size = batch_size
        self._pieces: list[bytes | bytearray] = []
        self._size = _HEADER_BYTES
        self._records = 0
        self._first_timestamp = self._last_timestamp = 0
        self._producer = (-1, -1, 0)

    def append(
        self,
        offset: int,
        timestamp: int | None,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]],
    ) -> Appended | None:
        """Add a record, of the time of now where none is given; None if there is no room for it."""
        if timestamp is None:
            timestamp = time.time_ns() // 1_000_000
        if not self._records:
            self._first_timestamp = self._last_timestamp = timestamp
        head = bytearray(b"\0")
        encode_varint(timestamp - self._first_timestamp, head.append)
        encode_varint(offset, head.append)
        _add_field(head, key)
        _add_length(head, value)
        tail = bytearray()
        encode_varint(len(headers), tail.append)
        for name, text in headers:
            _add_field(tail, name.encode())
            _add_field(tail, text)
        content = value or b""
        length = bytearray()
        encode_varint(len(head) + len(content) + len(tail), length.append)
        size = len(length) + len(head) + len(content) + len(tail)
        if self._records and self._size + size > self._batch_size:
            return None
        self._pieces += (length + head, content, tail)
        self._size += size
        self._records += 1
        self._last_timestamp = max(self._last_timestamp, timestamp)
        return Appended(offset, size, timestamp)

    def set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        """By what the broker tells a batch that comes again."""
        self._producer = (producer_id, producer_epoch, base_sequence)

    def size(self) -> int:
        """How many bytes it has so far, uncompressed."""
        return self._size

    def build(self) -> bytes:
        """The batch as it is sent."""
        records = b"".join(self._pieces)
        packed = compress(records)
        codec = _LZ4
        if len(packed) >= len(records):
            packed, codec = records, _UNCOMPRESSED
        behind = _BEHIND_CHECKSUM.pack(
            codec,
            self._records - 1,
            self._first_timestamp,
            self._last_timestamp,
            *self._producer,
            self._records,
        )
        checksum = google_crc32c.extend(google_crc32c.value(behind), packed)
        length = _HEADER_BYTES - _UNCOUNTED_BYTES + len(packed)
        before = _BEFORE_CHECKSUM.pack(0, length, _NO_LEADER_EPOCH, _MAGIC)
        return b"".join((before, _CHECKSUM.pack(checksum), behind, packed))


class _BlockBatch(BatchBuilder):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's batch around our builder, of which it asserts that it is its own."""

    def __init__(self, batch_size: int, **serializers: Callable[[Any], bytes] | None) -> None:
        super().__init__(batch_size, _UNCOMPRESSED, **serializers)
        self._builder = BlockBatchBuilder(batch_size)

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        self._builder.set_producer_state(producer_id, producer_epoch, base_sequence)


class BlockProducer(AIOKafkaProducer):  # type: ignore[misc] # as above
    """aiokafka's producer with batches of ours, compressed by LZ4 whatever else is asked for."""

    def __init__(self, *, max_batch_size: int, **options: Any) -> None:  # noqa: ANN401 - aiokafka's own
        """As aiokafka's; takes no part in transactions."""
        super().__init__(max_batch_size=max_batch_size, **options)

        def create_builder(**serializers: Callable[[Any], bytes] | None) -> _BlockBatch:
            return _BlockBatch(max_batch_size, **serializers)

        # aiokafka offers no other way to bring a builder of one's own.
        self._message_accumulator.create_builder = create_builder


def _add_length(to: bytearray, content: bytes | None) -> None:
    encode_varint(-1 if content is None else len(content), to.append)


def _add_field(to: bytearray, content: bytes | None) -> None:
    _add_length(to, content)
    to += content or b""
