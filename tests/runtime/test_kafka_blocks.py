"""Our batches are those of Kafka's protocol: aiokafka reads them, and builds the same of the same records."""

from typing import Any

import pytest
from aiokafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from runtime.kafka import block_producer
from runtime.kafka_blocks import BlockBatchBuilder
from runtime.kafka_compression import use_fast_lz4
from runtime.settings import parse_kafka_url

_LZ4 = 3
_SIZE = 1 << 20
_BLOCK = b'{"level":"info","message":"call to search finished after 1280 ms"}\n' * 200

_BYTES = st.none() | st.binary(max_size=300)
_RECORDS = st.lists(
    st.tuples(
        st.integers(0, 2**40),
        _BYTES,
        _BYTES | st.just(_BLOCK),
        st.lists(st.tuples(st.text(max_size=20), _BYTES), max_size=3),
    ),
    min_size=1,
    max_size=5,
)

_PARTS = (
    "base_offset",
    "magic",
    "last_offset_delta",
    "first_timestamp",
    "max_timestamp",
    "producer_id",
    "producer_epoch",
    "base_sequence",
)


def _content(record: Any) -> tuple[Any, ...]:  # noqa: ANN401 - aiokafka's own
    return (record.offset, record.timestamp, record.key, record.value, record.headers)


@given(_RECORDS, st.integers(0, 2**60), st.integers(0, 2**15 - 1), st.integers(0, 2**31 - 1))
def test_batches_say_what_aiokafkas_say(
    records: list[tuple[int, bytes | None, bytes | None, list[tuple[str, bytes | None]]]],
    producer_id: int,
    epoch: int,
    sequence: int,
) -> None:
    use_fast_lz4()
    theirs = DefaultRecordBatchBuilder(2, _LZ4, False, -1, -1, 0, _SIZE)
    ours = BlockBatchBuilder(_SIZE)
    for offset, (timestamp, key, value, headers) in enumerate(records):
        expected = theirs.append(offset, timestamp, key, value, headers)
        appended = ours.append(offset, timestamp, key=key, value=value, headers=headers)
        assert appended is not None
        assert tuple(appended) == (expected.offset, expected.size, expected.timestamp)
    assert ours.size() == theirs.size()
    for builder in (ours, theirs):
        builder.set_producer_state(producer_id, epoch, sequence)
    # Compressed or not, which aiokafka decides otherwise where there is little to compress.
    read, expected = DefaultRecordBatch(ours.build()), DefaultRecordBatch(bytes(theirs.build()))
    assert read.validate_crc()
    for part in _PARTS:
        assert getattr(read, part) == getattr(expected, part), part
    assert [_content(record) for record in read] == [_content(record) for record in expected]


def test_a_block_is_to_the_byte_what_aiokafka_builds() -> None:
    use_fast_lz4()
    theirs = DefaultRecordBatchBuilder(2, _LZ4, False, 7, 1, 3, _SIZE)
    ours = BlockBatchBuilder(_SIZE)
    ours.set_producer_state(7, 1, 3)
    theirs.append(0, 5, None, _BLOCK, [("kind", b"log")])
    ours.append(0, 5, key=None, value=_BLOCK, headers=[("kind", b"log")])
    assert ours.build() == bytes(theirs.build())


def test_the_checksum_is_right_and_the_time_is_that_of_now() -> None:
    builder = BlockBatchBuilder(_SIZE)
    builder.append(0, None, key=None, value=_BLOCK, headers=[("kind", b"log")])
    batch = DefaultRecordBatch(builder.build())
    assert batch.validate_crc()
    (record,) = batch
    assert (record.value, record.headers) == (_BLOCK, [("kind", b"log")])
    assert record.timestamp > 1_700_000_000_000


def test_the_first_record_may_be_of_any_size_and_others_fill_what_is_left() -> None:
    builder = BlockBatchBuilder(len(_BLOCK) + 200)
    assert builder.append(0, 1, key=None, value=_BLOCK * 2, headers=[]) is not None
    assert builder.append(1, 1, key=None, value=b"x", headers=[]) is None
    builder = BlockBatchBuilder(len(_BLOCK) + 200)
    assert builder.append(0, 1, key=None, value=_BLOCK, headers=[]) is not None
    assert builder.append(1, 1, key=None, value=b"x", headers=[]) is not None
    assert builder.append(2, 1, key=None, value=_BLOCK, headers=[]) is None
    assert [record.value for record in DefaultRecordBatch(builder.build())] == [_BLOCK, b"x"]


async def test_a_producer_of_blocks_makes_them_so_and_waits_for_all_replicas() -> None:
    producer = block_producer(parse_kafka_url("kafka://x:1"), client_id="test", max_batch_size=_SIZE)
    batch = producer.create_batch()
    await producer.stop()
    batch.append(timestamp=1, key=None, value=_BLOCK)
    assert type(batch._builder) is BlockBatchBuilder
    batch._set_producer_state(7, 1, 3)
    built = DefaultRecordBatch(batch._build())
    assert built.validate_crc()
    assert (built.producer_id, built.producer_epoch, built.base_sequence) == (7, 1, 3)
    with pytest.raises(ValueError, match="acks"):
        block_producer(parse_kafka_url("kafka://x:1"), client_id="test", max_batch_size=_SIZE, acks=1)
