"""Many requests, few records: gathers rows by partition and kind, and answers when Kafka has them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ingest_gateway.block_buffer import SEGMENT_OVERHEAD_BYTES, BlockBuffer
from ingest_gateway.errors import KAFKA_UNAVAILABLE, OUTCOME_UNKNOWN, OVERLOADED, REPEAT, REPEAT_WITH_KEY
from ingest_gateway.limits import Limits
from ingest_gateway.report import Part
from ingest_gateway.sink import Sink, SinkError
from runtime.logging import get_logger
from runtime.problems import ErrorKind, ProblemError
from schemas.block import Kind

_log = get_logger(__name__)


class _Ticket:
    """One request that waits; settled when all its parts are, by the first failure at once."""

    __slots__ = ("future", "open_parts")

    def __init__(self, parts: int) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.open_parts = parts

    def settle(self, failure: ErrorKind | None) -> None:
        self.open_parts -= 1
        if self.future.done():
            return
        if failure is not None:
            self.future.set_exception(ProblemError(failure, REPEAT_WITH_KEY))
        elif self.open_parts == 0:
            self.future.set_result(None)


class _Block:
    """A buffer with those who wait for it, and the timer that acts next."""

    __slots__ = ("buffer", "late", "tickets", "timer")

    def __init__(self, buffer: BlockBuffer) -> None:
        self.buffer = buffer
        self.tickets: list[_Ticket] = []
        self.timer: asyncio.TimerHandle | None = None
        self.late = False

    def settle(self, failure: ErrorKind | None) -> None:
        for ticket in self.tickets:
            ticket.settle(failure)
        self.tickets.clear()

    def cancel_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


# While nothing else of its partition is under way, a block waits only this share of the delay: where few
# agents report, they do not wait for others; where many do, a block collects rows while another is stored.
_IDLE_SHARE = 0.2


class Coalescer:
    """One open block for each (partition, kind); a block closes by time or size and becomes one record.

    Memory is bounded by `limits.unacknowledged_bytes`, which counts a block until the sink is done with it,
    also after its requests were told to send again.
    """

    def __init__(
        self, sink: Sink, limits: Limits, on_acknowledged: Callable[[Kind, int, float], None]
    ) -> None:
        """`on_acknowledged` is told of each block that Kafka has: its kind, its rows, the seconds it took."""
        self._sink = sink
        self._limits = limits
        self._on_acknowledged = on_acknowledged
        self._loop = asyncio.get_running_loop()
        self._open: dict[tuple[int, Kind], _Block] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._under_way: Counter[int] = Counter()
        self._late: Counter[int] = Counter()
        self.unacknowledged_bytes = 0

    def submit(self, partition: int, parts: Sequence[Part]) -> asyncio.Future[None]:
        """Hand a request's rows over; the future is done when Kafka has all of them.

        It fails with a ProblemError when the outcome is unknown: Kafka refused, or did not answer in time.

        Raises:
            ProblemError: there is no room, or Kafka is away; nothing is stored then.
        """
        self._admit(partition, parts)
        ticket = _Ticket(len(parts))
        for part in parts:
            self._append(partition, part, ticket)
        return ticket.future

    @property
    def is_late(self) -> bool:
        """Whether some block has waited for Kafka longer than a request may."""
        return bool(self._late)

    async def drain(self) -> None:
        """Close all blocks and wait until the sink is done with every one of them."""
        for block in list(self._open.values()):
            self._close(block)
        if self._sending:
            await asyncio.wait(self._sending)

    def _admit(self, partition: int, parts: Sequence[Part]) -> None:
        if partition in self._late:
            # What is late tells when Kafka is back; more would only fill the memory.
            raise ProblemError(KAFKA_UNAVAILABLE, REPEAT)
        cost = sum([len(part.rows) + SEGMENT_OVERHEAD_BYTES for part in parts])
        if self.unacknowledged_bytes + cost > self._limits.unacknowledged_bytes:
            raise ProblemError(OVERLOADED, "nothing was stored: send again, and slower")
        self.unacknowledged_bytes += cost

    def _append(self, partition: int, part: Part, ticket: _Ticket) -> None:
        key = (partition, part.kind)
        block = self._open.get(key)
        if block is not None and block.buffer.size + len(part.rows) > self._limits.block_bytes:
            self._close(block)
            block = None
        if block is None:
            block = self._open[key] = _Block(BlockBuffer(partition, part.kind))
            delay = self._limits.block_delay_seconds * (1 if self._under_way[partition] else _IDLE_SHARE)
            block.timer = self._loop.call_later(delay, self._close, block)
        block.buffer.add(part)
        block.tickets.append(ticket)
        if block.buffer.size >= self._limits.block_bytes:
            self._close(block)

    def _close(self, block: _Block) -> None:
        block.cancel_timer()
        del self._open[block.buffer.partition, block.buffer.kind]
        block.timer = self._loop.call_later(self._limits.ack_seconds, self._expire, block)
        self._under_way[block.buffer.partition] += 1
        task = self._loop.create_task(self._send(block))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, block: _Block) -> None:
        started = time.perf_counter()
        buffer = block.buffer
        failure: ErrorKind | None = KAFKA_UNAVAILABLE
        try:
            appended_at = await self._sink.publish(buffer.partition, buffer.value(), buffer.headers())
            if buffer.has_too_late(appended_at):
                _log.warning(
                    "block_too_late",
                    partition=buffer.partition,
                    received_at=buffer.segments[0].received_at,
                    appended_at=appended_at,
                )
                failure = OUTCOME_UNKNOWN
                return
            failure = None
            self._on_acknowledged(buffer.kind, buffer.lines, time.perf_counter() - started)
        except SinkError as error:
            _log.debug("block_refused", partition=buffer.partition, reason=str(error))
        finally:
            # Whatever went wrong, nobody is left waiting.
            self._release(block)
            block.settle(failure)

    def _expire(self, block: _Block) -> None:
        block.timer = None
        block.late = True
        partition = block.buffer.partition
        if partition not in self._late:
            _log.warning("kafka_late", partition=partition, waiting_bytes=self.unacknowledged_bytes)
        self._late[partition] += 1
        block.settle(OUTCOME_UNKNOWN)

    def _release(self, block: _Block) -> None:
        block.cancel_timer()
        self.unacknowledged_bytes -= block.buffer.cost
        partition = block.buffer.partition
        self._under_way[partition] -= 1
        if not block.late:
            return
        self._late[partition] -= 1
        if not self._late[partition]:
            del self._late[partition]
            _log.info("kafka_in_time_again", partition=partition)
