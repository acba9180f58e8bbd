"""The records of one partition that were fetched and not stored yet, cut into chunks by size or age."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from stream_processors.writer.rows import Record


class Buffer:
    """Filled by the poll loop, emptied by the partition's task; both run on one event loop."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds; it must not go backwards."""
        self._clock = clock
        self._records: deque[Record] = deque()
        self._oldest: float = 0.0
        self._changed = asyncio.Event()
        self.size = 0

    @property
    def oldest_timestamp(self) -> int | None:
        """When the log took the first record that waits here, in milliseconds; None when none waits."""
        return self._records[0].timestamp if self._records else None

    def put(self, records: Sequence[Record]) -> None:
        """Append what was fetched, in the order of the log."""
        if not self._records:
            self._oldest = self._clock()
        self._records.extend(records)
        self.size += sum(map(record_size, records))
        self._changed.set()

    async def take_chunk(self, size: int, age: float) -> list[Record]:
        """Wait for records of `size` bytes, or until the oldest has waited `age` seconds; at least one.

        The chunk exceeds `size` only by what its last record does.
        """
        while not self._records:
            await self._wait()
        while self.size < size and (left := self._oldest + age - self._clock()) > 0:
            await self._wait(left)
        return self._cut(size)

    async def take_until(self, end: int) -> list[Record]:
        """Wait for records, and take those with an offset below `end`; none means: there are no more."""
        while not self._records:
            await self._wait()
        taken = []
        while self._records and self._records[0].offset < end:
            taken.append(self._pop())
        return taken

    def _cut(self, size: int) -> list[Record]:
        taken = [self._pop()]
        total = record_size(taken[0])
        while self._records and total < size:
            taken.append(self._pop())
            total += record_size(taken[-1])
        # What is left has waited at most as long as what was taken; its own age is not kept.
        self._oldest = self._clock()
        return taken

    def _pop(self) -> Record:
        record = self._records.popleft()
        self.size -= record_size(record)
        return record

    async def _wait(self, seconds: float | None = None) -> None:
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return


def record_size(record: Record) -> int:
    """The bytes that a record is counted with: its value, and something for itself."""
    return len(record.value or b"") + _OVERHEAD


_OVERHEAD = 200
