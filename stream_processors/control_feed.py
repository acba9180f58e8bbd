"""Repeats control records in the log of each owned partition: only from there do the rules know of them."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from aiokafka.errors import KafkaError

from runtime.control_state import ControlState
from runtime.logging import get_logger
from schemas.control_block import ControlRow, encode_control_block
from schemas.topics import Topic
from stream_processors.absorbing import Absorber
from stream_processors.restarting_producer import OutgoingRecord, RestartingProducer

_log = get_logger(__name__)

INTERVAL_SECONDS = 0.5

# A model has up to 3 KB, and a record of the telemetry topic may have 16 MiB.
_ROWS_A_RECORD = 500


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
        sent: dict[str, int] = {}
        while True:
            rows = _news(absorber, control, sent)
            try:
                for start in range(0, len(rows), _ROWS_A_RECORD):
                    some = rows[start : start + _ROWS_A_RECORD]
                    await self._producer.send_all([control_record(absorber.partition, some)])
                    sent |= {row.key: row.version for row in some}
            except (KafkaError, OSError) as error:
                _log.warning("control_feed_failed", partition=absorber.partition, reason=repr(error))
            await asyncio.sleep(self._interval)


def _news(absorber: Absorber, control: ControlState, sent: Mapping[str, int]) -> list[ControlRow]:
    return [
        ControlRow(Topic.TRUST_MODELS, key, entry.version, msgspec.Raw(msgspec.json.encode(entry.data)))
        for key, entry in control.all(Topic.TRUST_MODELS).items()
        if entry.version > max(sent.get(key, 0), absorber.model_version(key))
    ]
