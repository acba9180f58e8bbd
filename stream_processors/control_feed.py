"""Repeats control records in the log of each owned partition: only from there do the rules know of them."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from aiokafka.errors import KafkaError

from runtime.control_state import ControlState
from runtime.logging import get_logger
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.alert_rules import AlertRule, AlertSilence
from schemas.budgets import Budget
from schemas.control import GovernedAgent, TrustModel
from schemas.control_block import ControlRow, encode_control_block
from schemas.erasures import ErasedAgent, ErasureState
from schemas.identity import partition_of
from schemas.policy import Policy
from schemas.topics import Topic
from stream_processors.absorbing import Absorber

_log = get_logger(__name__)

INTERVAL_SECONDS = 0.5

# A record of the telemetry topic may have 16 MiB; a policy has up to 64 KiB.
_BYTES_A_RECORD = 1024 * 1024

# What the rules read, as they read it. Of agents only labels and suspensions, which most have none of; of
# erasures only those of agents, never a value, which would stand in one more log.
FED_TYPES: dict[Topic, type[msgspec.Struct]] = {
    Topic.TRUST_MODELS: TrustModel,
    Topic.POLICIES: Policy,
    Topic.BUDGETS: Budget,
    Topic.ALERT_RULES: AlertRule,
    Topic.ALERT_SILENCES: AlertSilence,
    Topic.AGENTS: GovernedAgent,
    Topic.ERASURES: ErasedAgent,
}

# Topic and key of a record, in the order in which they came.
_Keys = dict[tuple[Topic, str], None]


def control_record(partition: int, rows: Sequence[ControlRow]) -> OutgoingRecord:
    """A control block for one partition, as of now."""
    headers, value = encode_control_block(rows, time.time_ns() // 1_000_000)
    return OutgoingRecord(topic=Topic.TELEMETRY, value=value, key=None, headers=headers, partition=partition)


class ControlFeed:
    """Compares the control topics with what the rules of each owned partition know, and sends what is newer.

    What is sent twice, as by two owners in a rebalance, counts once: the rules take only what is newer.
    What they refuse is told apart from what came with it, and given up until it changes.
    """

    def __init__(self, producer: RestartingProducer, interval: float = INTERVAL_SECONDS) -> None:
        """Use a producer that somebody else stops."""
        self._producer = producer
        self._interval = interval
        self._tasks: list[asyncio.Task[None]] = []
        self._pending: list[_Keys] = []

    def notice(self, topic: str, key: str, _data: msgspec.Struct) -> None:
        """Look at a record that has changed."""
        for pending in self._pending:
            pending[Topic(topic), key] = None

    def assign(self, absorbers: Iterable[Absorber], control: ControlState) -> None:
        """Feed these partitions and no others, from now on, as a reader keeps `control` up to date."""
        self.drop()
        for absorber in absorbers:
            pending: _Keys = {(topic, key): None for topic in FED_TYPES for key in control.all(topic)}
            self._pending.append(pending)
            feed = self._feed(absorber, control, pending)
            self._tasks.append(asyncio.create_task(feed, name=f"control-{absorber.partition}"))

    def drop(self) -> None:
        """Feed nobody; a record that is on its way may still arrive, as any owner's may."""
        for task in self._tasks:
            task.cancel()
        self._tasks, self._pending = [], []

    async def _feed(self, absorber: Absorber, control: ControlState, pending: _Keys) -> None:
        sent: dict[tuple[Topic, str], int] = {}
        under_way: list[_Portion] = []
        partitions = 0
        while True:
            # What changes while it is sent is noticed anew.
            looked_at = pending.copy()
            pending.clear()
            alone, under_way = _heard_of(absorber, under_way)
            try:
                partitions = partitions or await self._producer.partition_count(Topic.TELEMETRY)
                news = _news(absorber, control, partitions, looked_at, sent)
                for rows in [*([row] for row in alone), *in_portions(news, _BYTES_A_RECORD)]:
                    (offset,) = await self._producer.send_all([control_record(absorber.partition, rows)])
                    sent |= {(row.topic, row.key): row.version for row in rows}
                    under_way.append(_Portion(offset, rows))
            except (KafkaError, OSError) as error:
                _log.warning("control_feed_failed", partition=absorber.partition, reason=repr(error))
                pending |= looked_at
                # Those of the refused that were not reached are news again.
                for row in alone:
                    sent.pop((row.topic, row.key), None)
                    pending[row.topic, row.key] = None
            await asyncio.sleep(self._interval)


class _Portion(NamedTuple):
    """Rows that were sent in one record, and its offset."""

    offset: int
    rows: Sequence[ControlRow]


def _heard_of(absorber: Absorber, under_way: Sequence[_Portion]) -> tuple[list[ControlRow], list[_Portion]]:
    """The rows of refused portions, to be sent each alone; and the portions that are not absorbed yet.

    A row that cannot be read refuses the record that it is in, and the others must not suffer for it.
    """
    alone, waiting = [], []
    for portion in under_way:
        if absorber.fence < portion.offset:
            waiting.append(portion)
            continue
        refused = [row for row in portion.rows if absorber.control_version(row.topic, row.key) < row.version]
        if len(portion.rows) > 1:
            alone += refused
        elif refused:
            _log.error("control_row_refused", topic=refused[0].topic, key=refused[0].key)
    return alone, waiting


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
    absorber: Absorber,
    control: ControlState,
    partitions: int,
    keys: Iterable[tuple[Topic, str]],
    sent: dict[tuple[Topic, str], int],
) -> list[ControlRow]:
    rows = []
    for topic, key in keys:
        entry = control.get(topic, key)
        if entry is None or (isinstance(entry.data, GovernedAgent) and entry.data.erased_at is not None):
            # Should it be created anew, it counts its versions from 1 again.
            sent.pop((topic, key), None)
            continue
        known = max(sent.get((topic, key), 0), absorber.control_version(topic, key))
        if entry.version <= known:
            continue
        if isinstance(entry.data, GovernedAgent) and not (
            # What is taken away is news, too; what an erased agent had goes with its erasure.
            (entry.data.labels or entry.data.is_suspended or known)
            and partition_of(key, partitions) == absorber.partition
        ):
            continue
        if isinstance(entry.data, ErasedAgent) and not _ends_here(entry.data, known, partitions, absorber):
            continue
        rows.append(ControlRow(topic, key, entry.version, msgspec.Raw(msgspec.json.encode(entry.data))))
    return rows


def _ends_here(erased: ErasedAgent, known: int, partitions: int, absorber: Absorber) -> bool:
    """Whether a partition has to be told of an erasure: once it has begun, where the agent's history is.

    Also when it is done by then, for whoever was away: what holds state has to hear of it at some time.
    """
    return (
        not known
        and erased.agent_id is not None
        and erased.state is not ErasureState.REQUESTED
        and partition_of(erased.agent_key, partitions) == absorber.partition
    )
