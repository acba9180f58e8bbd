"""The peer: a bare aiokafka loop that calls the worker's own pure functions, and does nothing else.

No consumer group, no checkpoints, no ticks, nothing published. It is told on stdin how far to read, as a JSON
object of the partitions' ends, and answers with a line of JSON each time.
"""

import asyncio
import json
import os
import sys
import time

import msgspec
from aiokafka import TopicPartition

from runtime import kafka
from runtime.settings import KAFKA_URL, KafkaAddress, parse_kafka_url
from schemas.topics import Topic
from stream_processors.absorbing import Absorber
from stream_processors.log_record import to_log_record


class Lap(msgspec.Struct):
    """What one stretch took: events, seconds from the first record on, and CPU seconds likewise."""

    events: int
    seconds: float
    cpu: float


async def run(address: KafkaAddress, absorbers: dict[int, Absorber], ends: dict[int, int]) -> Lap:
    """Read from where the absorbers stand to the ends."""
    consumer = kafka.consumer(address, client_id="bench-raw-loop")
    await consumer.start()
    targets = {number: TopicPartition(Topic.TELEMETRY, number) for number in ends}
    consumer.assign(list(targets.values()))
    left = {number for number, end in ends.items() if absorbers[number].fence + 1 < end}
    for number in ends:
        consumer.seek(targets[number], absorbers[number].fence + 1)
    events, started, cpu = 0, 0.0, 0.0
    while left:
        batches = await consumer.getmany(timeout_ms=500)
        if not started:
            started, cpu = time.perf_counter(), time.process_time()
        for target, records in batches.items():
            absorber, end = absorbers[target.partition], ends[target.partition]
            for record in records:
                if record.offset < end:
                    events += absorber.absorb(to_log_record(record)).rows
            if absorber.fence + 1 >= end:
                left.discard(target.partition)
    lap = Lap(events, time.perf_counter() - started, time.process_time() - cpu)
    await consumer.stop()
    return lap


def main() -> None:
    """Answer each line on stdin; the broker's address is in the environment."""
    address = parse_kafka_url(os.environ[KAFKA_URL])
    absorbers: dict[int, Absorber] = {}
    for line in sys.stdin:
        ends = {int(number): end for number, end in json.loads(line).items()}
        for number in ends:
            absorbers.setdefault(number, Absorber(number))
        lap = asyncio.run(run(address, absorbers, ends))
        sys.stdout.buffer.write(msgspec.json.encode(lap) + b"\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
