"""A writer's surroundings without broker and ClickHouse: they note what happens, in one order."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from aiokafka import TopicPartition
from pydantic import SecretStr

from schemas.topics import Topic
from stream_processors.failpoints import Failpoint
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import Snapshot, StateRecord
from stream_processors.writer.dead_letters import DeadLetter, DeadLetters
from stream_processors.writer.insert import Inserter
from stream_processors.writer.metrics import WriterMetrics
from stream_processors.writer.offsets import Committed, Membership, Offsets, PartitionLostError
from stream_processors.writer.services import Services
from stream_processors.writer.settings import WriterSettings

PARTITION = TopicPartition(Topic.TELEMETRY.value, 2)
MEMBER = Membership(7, "me")
TOPIC_ID = UUID(int=5)

# Raises what an insert of these rows into this table meets.
Refusal = Callable[[str, bytes], None]


class World:
    """What is committed, stored and sent; `events` has it all in order."""

    def __init__(self, refuse: Refusal = lambda _, __: None) -> None:
        self.refuse = refuse
        self.events: list[tuple[Any, ...]] = []
        self.committed: Committed | None = None
        self.snapshot = Snapshot()
        self.log_start, self.log_end = 0, 0
        self.is_member = True
        self.now = 0.0
        self.failures: list[Exception] = []
        self.reads: list[str] = []
        self.letters: list[DeadLetter] = []
        self.held: set[TopicPartition] = set()
        self.loaded = 0
        self.forgotten = False

    # Offsets

    async def read(self, _: TopicPartition) -> Committed | None:
        if self.failures:
            raise self.failures.pop()
        self.reads.append("commit")
        return self.committed

    async def commit(
        self, membership: Membership, partition: TopicPartition, offset: int, metadata: str = ""
    ) -> None:
        assert (membership, partition) == (MEMBER, PARTITION)
        if not self.is_member:
            raise PartitionLostError
        self.committed = Committed(offset, metadata)
        self.events.append(("commit", offset, metadata))

    def membership(self) -> Membership:
        return MEMBER

    # Inserter

    async def insert(self, table: str, rows: bytes, token: str) -> None:
        self.events.append(("insert", table, token))
        self.refuse(table, rows)

    async def rows(self, _: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        self.events.append(("asked", parameters["table"], parameters["seq"]))
        return [[self.forgotten]]

    # DeadLetters

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        self.letters += letters
        if letters:
            self.events.append(("letters", len(letters)))

    # StateLog

    async def load(self, partition: int) -> Snapshot:
        assert partition == PARTITION.partition
        self.reads.append("checkpoint")
        return self.snapshot

    async def write(self, partition: int, fence: int, entries: Sequence[StateRecord], meta: bytes) -> None:
        assert partition == PARTITION.partition
        assert meta
        self.events.append(("checkpoint", fence, [entry.key for entry in entries]))

    # Consumer

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self.reads.append("bounds")
        return dict.fromkeys(partitions, self.log_start)

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, self.log_end)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert partition == PARTITION
        self.events.append(("seek", offset))

    def pause(self, *partitions: TopicPartition) -> None:
        self.held.update(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.held.difference_update(partitions)

    def paused(self) -> set[TopicPartition]:
        return self.held

    # Clock

    def clock(self) -> float:
        return self.now

    def of(self, kind: str) -> list[list[Any]]:
        """The events of one kind, without its name."""
        return [rest for name, *rest in self.events if name == kind]


async def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Let tasks run until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.001)


def settings(**changes: Any) -> WriterSettings:  # noqa: ANN401 - any setting
    """Settings of a writer that reaches nothing."""
    return WriterSettings(
        kafka_url=SecretStr("kafka+sasl_plaintext://u:p@nowhere:1"),
        clickhouse_url=SecretStr("http://user:secret@nowhere:1/promethios"),
        **changes,
    )


def services(world: World, **changes: Any) -> Services:  # noqa: ANN401 - any setting
    """Services that all lead to `world`."""
    return Services(
        settings=settings(**changes),
        consumer=world,
        offsets=cast("Offsets", world),
        inserter=cast("Inserter", world),
        dead_letters=cast("DeadLetters", world),
        state_log=cast("StateLog", world),
        metrics=WriterMetrics(),
        failpoint=Failpoint(),
        clock=world.clock,
    )
