"""The telemetry topic as all live tails of a process read it: one consumer, which hands entries to readers.

It reads while there are readers, from the end of the log as it was when the first one came.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from query_api import errors
from query_api.log_matcher import LogMatcher
from query_api.queries.logs import LogSearch
from query_api.tail_buffer import TailBuffer
from query_api.tail_entries import encode_entry, read_logs
from runtime import kafka
from runtime.logging import get_logger
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.block import HEADER_KIND, Kind, Segment, decode_block
from schemas.errors import InvalidMessageError
from schemas.identity import AgentRef
from schemas.topics import Service, Topic

_log = get_logger(__name__)

_CLIENT_ID = "promethios-query-tail"
_POLL_MS = 500
_REQUEST_MS = 10_000
_START_SECONDS = 10.0
# Consumers have been seen to fall silent; readers are better told.
_SILENT_MS = 20_000
# Readers come and go: starting anew costs some tenths of a second.
_IDLE_SECONDS = 30.0
_REMEMBERED_BATCHES = 10_000
_MOST_ENTRIES = 1_000
# What waits for a reader is one message, and WebSocket clients take 1 MiB unless they are told otherwise.
_MOST_BYTES = 512 * 1024

FEED_LOST = "tail-lost"
STOPPING = "stopping"


@dataclass(eq=False, slots=True)
class Subscription:
    """One reader: whose log, which entries, and what waits for them."""

    ref: AgentRef
    matcher: LogMatcher
    buffer: TailBuffer = field(default_factory=lambda: TailBuffer(_MOST_ENTRIES, _MOST_BYTES))


class TailFeed:
    """All live tails of this process."""

    def __init__(self, address: KafkaAddress, most_tails: int) -> None:
        """Nothing is connected before somebody subscribes."""
        self._address = address
        self._most_tails = most_tails
        self._subscriptions: dict[AgentRef, set[Subscription]] = {}
        # How many there are.
        self.tails = 0
        self._seen: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self._idle_since = 0.0

    def check_room(self) -> None:
        """Let pass while there is room for one more.

        Raises:
            ProblemError: TOO_MANY_TAILS.
        """
        if self.tails >= self._most_tails:
            raise ProblemError(errors.TOO_MANY_TAILS, f"{self._most_tails} are open: close one, or wait.")

    async def subscribe(self, ref: AgentRef, wanted: LogSearch) -> Subscription:
        """Let a reader have all that is acknowledged from when this returns; `leave` must follow.

        `ref` has an empty agent for the whole tenant.

        Raises:
            ProblemError: TOO_MANY_TAILS, or KAFKA_AWAY.
        """
        self.check_room()
        subscription = Subscription(ref, LogMatcher(wanted))
        self._subscriptions.setdefault(ref, set()).add(subscription)
        self.tails += 1
        try:
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.shield(self._started())
        except (KafkaError, OSError, TimeoutError) as error:
            self.leave(subscription)
            raise ProblemError(errors.KAFKA_AWAY, "The log cannot be followed: please ask again.") from error
        except BaseException:
            self.leave(subscription)
            raise
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Forget a reader."""
        of_ref = self._subscriptions.get(subscription.ref, set())
        if subscription not in of_ref:
            return
        of_ref.remove(subscription)
        self.tails -= 1
        if not of_ref:
            self._subscriptions.pop(subscription.ref, None)
        if not self._subscriptions:
            self._idle_since = time.monotonic()

    def end_all(self, reason: str) -> None:
        """Let every reader be told that it ends."""
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.buffer.end(reason)

    async def stop(self) -> None:
        """Disconnect."""
        self.end_all(STOPPING)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take(self, record: ConsumerRecord) -> None:
        """Hand the log entries of a record to those who want them."""
        if (HEADER_KIND, Kind.LOG.value.encode()) not in record.headers:
            return
        try:
            block = decode_block(record.headers, record.value)
            if not block.is_for(Service.QUERY):
                return
            for segment, lines in block.rows_of_segments():
                readers = list(self._readers_of(segment))
                if readers and not self._is_left_out(segment, record.timestamp):
                    _hand_out(lines, readers)
        except (InvalidMessageError, msgspec.MsgspecError) as error:
            # The writer makes a dead letter of it.
            _log.warning("tail_skips", partition=record.partition, offset=record.offset, reason=str(error))

    def _readers_of(self, segment: Segment) -> Iterator[Subscription]:
        for agent_id in (segment.agent_id, ""):
            yield from self._subscriptions.get(AgentRef(segment.tenant_id, agent_id), ())

    def _is_left_out(self, segment: Segment, appended_at: int) -> bool:
        """As the writer: what came too late, and what an agent has sent again; as far as it is remembered."""
        if not segment.keyed:
            return False
        batch = (segment.agent_key, segment.batch_id)
        if segment.is_too_late(appended_at) or batch in self._seen:
            return True
        self._seen[batch] = None
        if len(self._seen) > _REMEMBERED_BATCHES:
            self._seen.popitem(last=False)
        return False

    def _started(self) -> asyncio.Future[None]:
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._ready), name="live-tail")
        return self._ready

    async def _run(self, ready: asyncio.Future[None]) -> None:
        consumer = kafka.consumer(self._address, client_id=_CLIENT_ID, request_timeout_ms=_REQUEST_MS)
        try:
            await consumer.start()
            places = await self._seek_ends(consumer)
            ready.set_result(None)
            began = _now_ms()
            while not self._is_idle():
                await self._poll(consumer)
                _check_silence(consumer, places, began)
        except (KafkaError, OSError, TimeoutError) as error:
            _log.warning("tail_lost", reason=repr(error), tails=self.tails)
            if not ready.done():
                ready.set_exception(error)
            self.end_all(FEED_LOST)
        finally:
            # Whoever comes from here on starts anew.
            self._ready = None
            if not ready.done():
                ready.cancel()
            await consumer.stop()

    async def _seek_ends(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        admin = kafka.admin(self._address, client_id=_CLIENT_ID)
        try:
            await admin.start()
            [topic] = await admin.describe_topics([Topic.TELEMETRY])
        finally:
            await admin.close()
        places = [TopicPartition(Topic.TELEMETRY, found["partition"]) for found in topic["partitions"]]
        consumer.assign(places)
        for place, end in (await consumer.end_offsets(places)).items():
            consumer.seek(place, end)
        return places

    async def _poll(self, consumer: AIOKafkaConsumer) -> None:
        for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
            for record in records:
                self.take(record)
                # Readers shall have their turn between blocks.
                await asyncio.sleep(0)

    def _is_idle(self) -> bool:
        return not self._subscriptions and time.monotonic() - self._idle_since > _IDLE_SECONDS


def _hand_out(lines: memoryview, readers: list[Subscription]) -> None:
    for log in read_logs(lines):
        entry = b""
        for reader in readers:
            if reader.matcher.matches(log):
                entry = entry or encode_entry(log)
                reader.buffer.put(entry)


def _check_silence(consumer: AIOKafkaConsumer, places: list[TopicPartition], began: int) -> None:
    heard = min(consumer.last_poll_timestamp(place) or began for place in places)
    if _now_ms() - heard > _SILENT_MS:
        raise TimeoutError(f"nothing was heard of the telemetry topic for {_SILENT_MS} ms")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
