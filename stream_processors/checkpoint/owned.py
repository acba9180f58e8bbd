"""A partition that this worker owns: its state, and what has been absorbed since the last cut."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from schemas.derived import DerivedRecord, encode_event, endings_of
from schemas.topics import Topic
from schemas.totals_block import encode_totals_block
from stream_processors.absorbing import Absorber, Rejection
from stream_processors.checkpoint.repeating import Repeating
from stream_processors.halting import GivenUp
from stream_processors.log_record import LogRecord
from stream_processors.rules.reports import Report
from stream_processors.state.snapshot import StateRecord

# Acknowledges one record to the consumer group.
Acknowledge = Callable[[], Awaitable[object]]


class LogGapError(Exception):
    """A record is missing between what was absorbed and what came.

    The telemetry topic is neither compacted nor written in transactions, so its offsets have no gaps: either
    the consumer has skipped records, or retention has just deleted them. A fresh load tells which.
    """


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A consistent cut of a partition, to be stored as a whole before its records are acknowledged in order.

    `moved` is False when only records at or below the stored fence came again: there is no state to store.
    `appended` are the append times (ms) of the records with rows, for the measure of how late they count.
    """

    partition: int
    fence: int
    outputs: Sequence[DerivedRecord]
    rejections: Sequence[tuple[LogRecord, Rejection]]
    entries: Sequence[StateRecord]
    meta: bytes
    moved: bool
    acknowledgements: Sequence[Acknowledge]
    appended: Sequence[int] = ()


def is_failed_tick(record: LogRecord, rejection: Rejection) -> bool:
    """Whether a rule failed on a tick: that takes nothing from anybody, and may come every second.

    It is logged and counted, and neither a dead letter nor a reason to halt.
    """
    return rejection.fault and not record.value


def report_record(report: Report) -> DerivedRecord:
    """Totals for the partition that the tenant's id leads to."""
    headers, value = encode_totals_block(report.rows, report.made_at)
    return DerivedRecord(Topic.TELEMETRY, report.tenant_id.encode(), value, headers)


@dataclass(slots=True)
class OwnedPartition:
    """State in memory, and the acknowledgements that wait until it is stored.

    `generation` is that of the group's assignment; a record of another generation is not ours to absorb.
    `meta` goes with each checkpoint, `given_up` counts the records with rows, or that nobody can read.
    `timestamp_ms` is the append time of the last record absorbed.
    """

    absorber: Absorber
    generation: int
    meta: bytes
    given_up: GivenUp
    timestamp_ms: int = 0
    records: int = 0
    size: int = 0
    _stored: int = field(init=False)
    _outputs: list[DerivedRecord] = field(default_factory=list)
    _rejections: list[tuple[LogRecord, Rejection]] = field(default_factory=list)
    _acknowledgements: list[Acknowledge] = field(default_factory=list)
    _appended: list[int] = field(default_factory=list)
    _counted: int = 0
    _repeating: Repeating = field(init=False)

    def __post_init__(self) -> None:
        self._stored = self.absorber.fence
        self._repeating = Repeating(time.monotonic(), self.absorber.entry_of)

    @property
    def partition(self) -> int:
        """The partition's number."""
        return self.absorber.partition

    def take(self, record: LogRecord, acknowledge: Acknowledge | None) -> int:
        """Absorb the next record, unless it is at or below the fence; keep its acknowledgement either way.

        Without one it is acknowledged by a later record.

        Returns the number of rows absorbed.

        Raises:
            LogGapError: records are missing before this one.
        """
        expected = self.absorber.fence + 1
        if record.offset > expected:
            raise LogGapError(
                f"partition {record.partition}: expected offset {expected}, got {record.offset}"
            )
        rows = self._absorb(record) if record.offset >= expected else 0
        if acknowledge is not None:
            self._acknowledgements.append(acknowledge)
        self.records += 1
        self.size += len(record.value or b"")
        return rows

    def _absorb(self, record: LogRecord) -> int:
        absorbed = self.absorber.absorb(record)
        self.timestamp_ms = record.timestamp_ms
        # Most records give nothing, and this runs for each.
        if absorbed.events:
            self._outputs.extend(map(encode_event, absorbed.events))
        if absorbed.reports:
            self._outputs.extend(map(report_record, absorbed.reports))
        if absorbed.rows:
            self._appended.append(record.timestamp_ms)
        else:
            # Control records alone erase.
            for key in self.absorber.drain_ended():
                self._outputs.extend(endings_of(key))
        if absorbed.rejection is not None:
            self._rejections.append((record, absorbed.rejection))
            if not is_failed_tick(record, absorbed.rejection):
                self._count(unreadable=not absorbed.rows, given_up=1)
        return absorbed.rows

    def _count(self, *, unreadable: bool = False, given_up: int = 0) -> None:
        """Count the records since the last time; only now and then, as most are sound."""
        records = len(self._appended) - self._counted + unreadable
        self._counted = len(self._appended)
        self.given_up.note(time.monotonic(), records, given_up)

    def cut(self) -> Checkpoint | None:
        """Take everything since the last cut, or None when nothing came."""
        if not self.records:
            return None
        self._count()
        fence = self.absorber.fence
        moved = fence > self._stored
        checkpoint = Checkpoint(
            partition=self.partition,
            fence=fence,
            outputs=self._outputs,
            rejections=self._rejections,
            entries=self._repeating.add(self.absorber.drain(), time.monotonic()),
            meta=self.meta,
            moved=moved,
            acknowledgements=self._acknowledgements,
            appended=self._appended,
        )
        self._stored = fence
        self._outputs, self._rejections, self._acknowledgements, self._appended = [], [], [], []
        self.records = self.size = self._counted = 0
        return checkpoint
