"""Repeats control records in the log of each owned partition: only from there do the rules know of them."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from aiokafka.errors import KafkaError

from runtime.control_state import ControlState
from runtime.logging import get_logger
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.control_block import ControlRow, encode_control_block
from schemas.topics import Topic
from stream_processors.absorbing import Absorber

_log = get_logger(__name__)

INTERVAL_SECONDS = 0.5

# A record of the telemetry topic may have 16 MiB; a policy has up to 64 KiB.
_BYTES_A_RECORD = 1024 * 1024

# What the rules read.
FED_TOPICS = (Topic.TRUST_MODELS, Topic.POLICIES)


def control_record(partition: int, rows: Sequence[ControlRow]) -> OutgoingRecord:
    """A control block for one partition, as of now."""
    headers, value = encode_control_block(rows, time.time_ns() // 1_000_000)
    return OutgoingRecord(topic=Topic.TELEMETRY, value=value, key=None, headers=headers, partition=partition)


class ControlFeed:
    """Compares the control topics with what the rules of each owned partition know, and sends what is newer.

    What is sent twice, as by two owners in a rebalance, counts once: the rules take only what is newer.
    """

    def __init__(self, producer: RestartingProducer, interval: float = INTERVAL_SECONDS) -> None:
        """Use a producer that somebody else stops."""
        self._producer = producer
        self._interval = interval
        self._tasks: list[asyncio.Task[None]] = []

    def assign(self, absorbers: Iterable[Absorber], control: ControlState) -> None:
        """Feed these partitions and no others, from now on, as a reader keeps `control` up to date."""
        self.drop()
        self._tasks = [
            asyncio.create_task(self._feed(absorber, control), name=f"control-{absorber.partition}")
            for absorber in absorbers
        ]

    def drop(self) -> None:
        """Feed nobody; a record that is on its way may still arrive, as any owner's may."""
        for task in self._tasks:
            task.cancel()
        self._tasks = []

    async def _feed(self, absorber: Absorber, control: ControlState) -> None:
        sent: dict[tuple[Topic, str], int] = {}
        while True:
            rows = _news(absorber, control, sent)
            try:
                for some in in_portions(rows, _BYTES_A_RECORD):
                    await self._producer.send_all([control_record(absorber.partition, some)])
                    sent |= {(row.topic, row.key): row.version for row in some}
            except (KafkaError, OSError) as error:
                _log.warning("control_feed_failed", partition=absorber.partition, reason=repr(error))
            await asyncio.sleep(self._interval)


def in_portions(rows: Iterable[ControlRow], most_bytes: int) -> Iterator[list[ControlRow]]:
    """The rows in runs whose data has so many bytes, or of one row that has more."""
    portion: list[ControlRow] = []
    size = 0
    for row in rows:
        if portion and size + len(row.data) > most_bytes:
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += len(row.data)
    if portion:
        yield portion


def _news(
    absorber: Absorber, control: ControlState, sent: Mapping[tuple[Topic, str], int]
) -> list[ControlRow]:
    return [
        ControlRow(topic, key, entry.version, msgspec.Raw(msgspec.json.encode(entry.data)))
        for topic in FED_TOPICS
        for key, entry in control.all(topic).items()
        if entry.version > max(sent.get((topic, key), 0), absorber.control_version(topic, key))
    ]
