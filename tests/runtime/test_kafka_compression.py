"""What our producers compress with: Kafka reads it, and it is the fast level."""

import lz4.frame  # type: ignore[import-untyped] # it has no stubs
from aiokafka.codec import lz4_decode
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from runtime.kafka import producer
from runtime.kafka_compression import compress
from runtime.settings import parse_kafka_url

_LZ4 = 3
_BATCH_HEADER_BYTES = 61
_BLOCK = b'{"level":"info","message":"call to search finished after 1280 ms"}\n' * 5000


@given(st.binary(max_size=2000))
def test_whatever_is_compressed_comes_back(payload: bytes) -> None:
    assert lz4_decode(compress(payload)) == payload


def test_blocks_stand_for_themselves_as_brokers_demand() -> None:
    frame = lz4.frame.get_frame_info(compress(_BLOCK))
    assert not frame["block_linked"]
    assert lz4_decode(compress(_BLOCK)) == _BLOCK


async def test_a_producers_batches_are_compressed_by_it() -> None:
    made = producer(parse_kafka_url("kafka://x:1"), client_id="test")
    await made.stop()
    batch = DefaultRecordBatchBuilder(2, _LZ4, False, 1, 0, 0, 1 << 20)
    batch.append(0, 1, None, _BLOCK, [])
    compressed = bytes(batch.build())[_BATCH_HEADER_BYTES:]
    records = lz4_decode(compressed)
    assert _BLOCK in records
    assert compressed == compress(records)
