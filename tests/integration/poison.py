"""Rows that ClickHouse refuses, and the dead letters that come of them."""

from aiokafka import ConsumerRecord, TopicPartition
from msgspec import structs

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.block import decode_block, encode_headers
from schemas.topics import Topic
from tests.integration.telemetry_feed import PARTITIONS, Block
from tests.integration.writer_oracle import Rows, expected_rows

_TIMEOUT_MS = 1000


def with_poison(blocks: list[Block], fleet: str) -> tuple[list[Block], Rows]:
    """Make the first row of each unkeyed segment one that no table takes; also the rows thus lost."""
    poisoned = [_poison(block, fleet) for block in blocks]
    lost: Rows = Rows()
    for block in poisoned:
        segments = decode_block(block.headers, block.value).segments
        rows = expected_rows([(block, (0, 0))])
        unkeyed = {segment.agent_id + segment.batch_id.hex() for segment in segments if not segment.keyed}
        lost += Rows(
            {row: n for row, n in rows.items() if row[1] + row[2].replace("-", "") in unkeyed and row[3] == 0}
        )
    return poisoned, lost


def _poison(block: Block, fleet: str) -> Block:
    decoded = decode_block(block.headers, block.value)
    segments, values = [], []
    for segment, rows in decoded.rows_of_segments():
        value = bytes(rows)
        if not segment.keyed:
            value = value.replace(b'"seq":0,', b'"seq":"poison of %b",' % fleet.encode())
        segments.append(structs.replace(segment, size=len(value)))
        values.append(value)
    return Block(block.partition, encode_headers(decoded.kind, segments), b"".join(values))


async def read_dead_letters(address: KafkaAddress, fleet: str) -> list[ConsumerRecord]:
    """All letters on the dead-letter topic that name the fleet, in the order of each partition."""
    consumer = kafka.consumer(address, client_id="test-dead-letters")
    await consumer.start()
    try:
        partitions = [TopicPartition(Topic.TELEMETRY_DEAD_LETTERS.value, n) for n in range(PARTITIONS)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        letters: list[ConsumerRecord] = []
        while any([await consumer.position(p) < end for p, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=_TIMEOUT_MS)).values():
                letters += [record for record in records if fleet.encode() in (record.value or b"")]
    finally:
        await consumer.stop()
    return letters
