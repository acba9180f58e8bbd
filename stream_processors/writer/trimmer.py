"""Makes room in the embedded broker's log: looks, asks how far all readers are, and deletes what is done."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from runtime.group_offsets import fetch_group_offsets
from runtime.kafka_disk import DiskLimits, DiskUsage, measure
from runtime.logging import get_logger
from schemas.errors import InvalidMessageError
from schemas.topics import PROCESSORS_GROUP, WRITER_GROUP, Topic
from stream_processors.state.log import StateLog
from stream_processors.writer.trim import Progress, Segment, excess_bytes, plan

_log = get_logger(__name__)
_LOOK_SECONDS = 5.0
_BLOCK_BYTES = 512
_PARTITION_FOLDER = re.compile(rf"{re.escape(Topic.TELEMETRY)}-(\d+)")


class Found(NamedTuple):
    """The log on the disk: what it takes, what is deleted but not gone yet, and what might be deleted."""

    usage: DiskUsage
    going: int
    segments: list[Segment]


class Trimmer:
    """Deletes telemetry that is stored in the tables and in the state, when the log comes near its cap.

    It knows the log by its files, so it must run on the machine of a broker that keeps every partition.
    """

    def __init__(
        self,
        log_dir: Path,
        limits: DiskLimits,
        admin: AIOKafkaAdminClient,
        states: tuple[StateLog, StateLog],
    ) -> None:
        """`admin` must be started; `states` are the writer's and the processors'."""
        self._log_dir = log_dir
        self._limits = limits
        self._admin = admin
        self._writer_state, self._processors_state = states
        self._cleared: dict[int, int] = {}
        self._stuck = False

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.make_room()
            except (KafkaError, OSError, InvalidMessageError) as error:
                _log.warning("no_room_made", reason=repr(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def make_room(self) -> None:
        """Look once, and delete what may go if something must.

        Raises:
            aiokafka.errors.KafkaError: the broker did not answer or refused.
            OSError: the log could not be looked at, or the broker stopped answering.
            InvalidMessageError: a state topic holds what is none of ours.
        """
        found = await asyncio.to_thread(look, self._log_dir)
        excess = excess_bytes(found.usage, self._limits) - found.going
        if excess <= 0:
            self._stuck = False
            return
        progress = {p: await self._progress(p) for p in {segment.partition for segment in found.segments}}
        wanted = plan(found.segments, progress, excess)
        self._report(wanted, progress, found.usage)
        new = {p: before for p, before in wanted.items() if before > self._cleared.get(p, 0)}
        if new:
            await self._delete(new)

    async def _progress(self, partition: int) -> Progress:
        return Progress(
            await self._commit(WRITER_GROUP, partition),
            await self._writer_state.newest_fence(partition),
            await self._commit(PROCESSORS_GROUP, partition),
            await self._processors_state.newest_fence(partition),
        )

    async def _commit(self, group: str, partition: int) -> int | None:
        target = TopicPartition(Topic.TELEMETRY, partition)
        found = await fetch_group_offsets(self._admin, group, [target])
        offset: int = found[target].offset
        return offset if offset >= 0 else None

    async def _delete(self, before: dict[int, int]) -> None:
        await self._admin.delete_records(
            {TopicPartition(Topic.TELEMETRY, p): RecordsToDelete(offset) for p, offset in before.items()}
        )
        self._cleared |= before
        _log.info("telemetry_deleted_to_make_room", before=before)

    def _report(self, wanted: dict[int, int], progress: dict[int, Progress], usage: DiskUsage) -> None:
        """Say once that room is needed where none can be made: a reader lags, or others fill the disk."""
        if not wanted and not self._stuck:
            needed = {p: found.deletable_before for p, found in progress.items()}
            _log.warning("no_room_to_make", **usage._asdict(), still_needed_from=needed)
        self._stuck = not wanted


def look(log_dir: Path) -> Found:
    """Read the folder of a broker; blocking. A segment that vanishes meanwhile counts for nothing.

    Raises:
        OSError: a folder may not be read.
    """
    segments: list[Segment] = []
    going = 0
    for folder in log_dir.glob(f"{Topic.TELEMETRY}-*"):
        if name := _PARTITION_FOLDER.fullmatch(folder.name):
            segments += _segments(int(name[1]), folder.glob("*.log"))
            going += sum(size for size, _ in map(_size_and_time, folder.glob("*.deleted")))
    return Found(measure(log_dir), going, segments)


def _segments(partition: int, files: Iterable[Path]) -> Iterator[Segment]:
    # A segment is named by its first offset. The last one is still written, and cannot be deleted.
    for (first, path), (end, _) in pairwise(sorted((int(path.stem), path) for path in files)):
        yield Segment(partition, first, end, *_size_and_time(path))


def _size_and_time(path: Path) -> tuple[int, float]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0.0
    return found.st_blocks * _BLOCK_BYTES, found.st_mtime
