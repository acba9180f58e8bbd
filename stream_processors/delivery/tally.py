"""Counts by agent and hour what became of a log's events; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

import msgspec

from schemas.block import Kind, Segment, decode_block
from schemas.delivery import Delivery
from schemas.errors import InvalidMessageError
from schemas.tables import TELEMETRY_TABLES
from schemas.timestamps import from_datetime
from schemas.topics import Service
from stream_processors.deduplication import absorb_batch
from stream_processors.writer.erasing import NOTHING_ERASED, Erasures
from stream_processors.writer.rows import Record

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS

# Tenant, agent, hour.
Key = tuple[str, str, int]


def hour_of(received_at: int) -> int:
    """The beginning of its hour, in milliseconds."""
    return received_at - received_at % HOUR_MS


class _RowStamps(msgspec.Struct):
    """What every row of telemetry begins with."""

    tenant_id: str
    agent_id: str
    received_at: datetime


@dataclass(slots=True)
class Counts:
    """Of one agent's hour."""

    requests: int = 0
    accepted: int = 0
    repeated: int = 0
    late: int = 0
    dead: int = 0
    waiting: int = 0
    expired: int = 0
    erased: int = 0
    stored: int = 0


@dataclass
class Tally:
    """Fed with each partition's records in order, with dead letters, and with what the tables hold.

    `since` is the first hour that counts; records before it are absorbed, because a repeat of theirs may come
    later. `kept_days` says for a tenant and a kind after how many days its rows go, `erasures` what was
    erased.
    """

    since: int
    now: int
    kept_days: Mapping[tuple[str, Kind], int]
    erasures: Erasures = NOTHING_ERASED
    counts: dict[Key, Counts] = field(default_factory=dict)
    undecodable: int = 0
    _recent: dict[str, bytearray] = field(default_factory=dict)

    def record(self, record: Record, committed: int) -> None:
        """Take the partition's next record; `committed` is the offset that the writer stores next."""
        try:
            block = decode_block(record.headers, record.value)
        except InvalidMessageError:
            self.undecodable += 1
            return
        if block.kind not in TELEMETRY_TABLES or not block.is_for(Service.WRITER):
            return
        for segment, rows in block.rows_of_segments():
            late = segment.is_too_late(record.timestamp)
            counts_once = absorb_batch(
                self._recent.setdefault(segment.agent_key, bytearray()), segment, record.timestamp
            )
            found = self._of(segment.tenant_id, segment.agent_id, segment.received_at)
            if found is None:
                continue
            found.requests += 1
            found.accepted += segment.lines
            if late:
                found.late += segment.lines
            elif not counts_once:
                found.repeated += segment.lines
            elif record.offset >= committed:
                found.waiting += segment.lines
            elif self._is_expired(segment.tenant_id, block.kind, segment.received_at):
                found.expired += segment.lines
            else:
                found.erased += self._erased(segment, rows)

    def dead_row(self, row: bytes) -> None:
        """Take a row that a table refused."""
        try:
            stamps = msgspec.json.decode(row, type=_RowStamps)
        except msgspec.MsgspecError:
            return
        found = self._of(stamps.tenant_id, stamps.agent_id, from_datetime(stamps.received_at))
        if found is not None:
            found.dead += 1

    def stored(self, rows: Iterable[tuple[str, str, int, int]]) -> None:
        """Take how many rows a table has of a tenant, an agent and an hour."""
        for tenant_id, agent_id, hour, count in rows:
            found = self._of(tenant_id, agent_id, hour)
            if found is not None:
                found.stored += count

    def deliveries(self) -> list[Delivery]:
        """The counts, in the order of agents and hours.

        Of what waited when the commits were read some may be stored by now: it waits no more.
        """
        for counts in self.counts.values():
            gone = counts.dead + counts.expired + counts.erased
            left = counts.accepted - counts.repeated - counts.late - gone - counts.stored
            counts.waiting = max(0, min(counts.waiting, left))
        return [
            Delivery(tenant_id=tenant, agent_id=agent, hour=hour, **asdict(counts))
            for (tenant, agent, hour), counts in sorted(self.counts.items())
        ]

    def _of(self, tenant_id: str, agent_id: str, received_at: int) -> Counts | None:
        hour = hour_of(received_at)
        if hour < self.since:
            return None
        return self.counts.setdefault((tenant_id, agent_id, hour), Counts())

    def _erased(self, segment: Segment, rows: memoryview) -> int:
        owner = (segment.tenant_id, segment.agent_id, segment.received_at)
        if not self.erasures.touch(*owner):
            return 0
        return segment.lines - self.erasures.kept(*owner, bytes(rows)).count(b"\n")

    def _is_expired(self, tenant_id: str, kind: Kind, received_at: int) -> bool:
        days = self.kept_days.get((tenant_id, kind))
        if days is None:
            return False
        first_kept = self.now - self.now % DAY_MS - days * DAY_MS
        return received_at < first_kept
