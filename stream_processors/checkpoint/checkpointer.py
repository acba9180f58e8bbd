"""When checkpoints are made: absorbing goes on while one is stored, and what waits is bounded."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from aiokafka.errors import KafkaError

from runtime.logging import get_logger
from stream_processors.checkpoint.owned import Checkpoint, OwnedPartition
from stream_processors.checkpoint.partitions import Partitions
from stream_processors.metrics import ProcessorMetrics
from stream_processors.state.log import UnsureOwnerError

_log = get_logger(__name__)
_MIB = 1024 * 1024

RETRY_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
_OWNERSHIP_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a checkpoint begins, and how much may wait for the next one before absorbing stops."""

    interval: float = 0.25
    soon_bytes: int = 8 * _MIB
    most_bytes: int = 32 * _MIB
    most_records: int = 5000


class Store(Protocol):
    """What keeps a checkpoint; raises KafkaError, OSError or UnsureOwnerError when it did not."""

    async def store(self, checkpoint: Checkpoint) -> int:
        """Return when all of it is acknowledged; the bytes of state in it."""

    def acknowledged(self) -> None:
        """Be told that the records of a stored checkpoint are acknowledged."""


class Checkpointer:
    """Cuts, stores and acknowledges; retries for as long as the partition is ours.

    A partition whose checkpoint is broken off is released: nothing of it may be stored after that.
    """

    def __init__(
        self,
        partitions: Partitions,
        store: Store,
        may_write: Callable[[], bool],
        metrics: ProcessorMetrics,
        pace: Pace | None = None,
    ) -> None:
        """`may_write` says whether the group surely still counts us in; without it nothing is written."""
        self._partitions = partitions
        self._store = store
        self._may_write = may_write
        self._metrics = metrics
        self._pace = pace or Pace()
        self._wanted = asyncio.Event()
        self._room = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self.stored_fences: dict[int, int] = {}

    async def run(self) -> None:
        """Make checkpoints until cancelled."""
        while True:
            try:
                async with asyncio.timeout(self._pace.interval):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            await self.flush()

    async def flush(self) -> None:
        """Store and acknowledge everything absorbed so far; returns when that is done or no longer ours."""
        async with self._one_at_a_time:
            cuts = [(owned, checkpoint) for owned in self._partitions if (checkpoint := owned.cut())]
            self._room.set()
            await asyncio.gather(*(self._finish(owned, checkpoint) for owned, checkpoint in cuts))

    async def wait_for_room(self) -> None:
        """Block while as much waits as may; a checkpoint that begins makes room."""
        if self._partitions.waiting_bytes >= self._pace.soon_bytes:
            self._wanted.set()
        while self._is_full():
            self._wanted.set()
            self._room.clear()
            await self._room.wait()

    def drop(self) -> None:
        """Forget all partitions: they are somebody else's now, or are loaded again."""
        self._partitions.drop()
        self.stored_fences.clear()
        self._room.set()

    def _is_full(self) -> bool:
        waiting = self._partitions
        return (
            waiting.waiting_bytes >= self._pace.most_bytes
            or waiting.waiting_records >= self._pace.most_records
        )

    async def _finish(self, owned: OwnedPartition, checkpoint: Checkpoint) -> None:
        try:
            stored = await self._store_until_done(owned, checkpoint)
        except BaseException:
            # The next cut would lack what this one holds, and its fence would cover it.
            self._partitions.release(owned)
            raise
        if not stored or not await self._still_ours(owned):
            return
        for acknowledge in checkpoint.acknowledgements:
            await acknowledge()
        self._store.acknowledged()
        self.stored_fences[checkpoint.partition] = checkpoint.fence
        self._count(checkpoint)

    async def _store_until_done(self, owned: OwnedPartition, checkpoint: Checkpoint) -> bool:
        attempt = 0
        while await self._still_ours(owned):
            started = time.monotonic()
            try:
                state_bytes = await self._store.store(checkpoint)
            except (KafkaError, OSError, UnsureOwnerError) as error:
                self._metrics.checkpoint_failures.inc()
                _log.warning("checkpoint_failed", partition=checkpoint.partition, reason=repr(error))
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1
            else:
                self._metrics.checkpoints.observe(time.monotonic() - started)
                self._metrics.state_bytes.inc(state_bytes)
                return True
        return False

    async def _still_ours(self, owned: OwnedPartition) -> bool:
        """Wait until it is certain: a heartbeat that is late comes, or the group takes the partition."""
        while self._partitions.owns(owned):
            if self._may_write():
                return True
            await asyncio.sleep(_OWNERSHIP_POLL_SECONDS)
        return False

    def _count(self, checkpoint: Checkpoint) -> None:
        self._metrics.stored_age.observe(checkpoint.appended, time.time())
        self._metrics.outputs.inc(len(checkpoint.outputs))
        for _, rejection in checkpoint.rejections:
            self._metrics.dead_letters.labels("rule_failed" if rejection.fault else "unreadable").inc()
