"""The derived topics as all endpoints read them: the newest part once for all, the past for who lags."""

import asyncio
import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from schemas.errors import InvalidMessageError
from schemas.topics import DERIVED_TOPICS
from webhook_dispatcher.metrics import WebhookMetrics
from webhook_dispatcher.notification import Notification, Place, read_notification
from webhook_dispatcher.ring import Page, Ring

_log = get_logger(__name__)

_CLIENT_ID = "promethios-webhooks-log"
_POLL_MS = 500
_REQUEST_MS = 10_000
_PAST_SECONDS = 30.0
_PAGE = 200
# Of all partitions together, at one or two kilobytes each; up to twice as many for a moment.
_HELD = 8_000
_LEAST_RING = 100
_LOOK_SECONDS = 10.0


class StalledError(Exception):
    """The log goes on, and nothing of it has come for too long: consumers have been seen to fall silent."""


class EventLog:
    """Reads every partition of every derived topic, and belongs to no group."""

    def __init__(self, address: KafkaAddress, metrics: WebhookMetrics) -> None:
        """Nothing is connected before `start`."""
        self._address = address
        self._metrics = metrics
        self._rings: dict[Place, Ring] = {}
        self._moved = asyncio.Condition()
        # Their requests may take their time: only who lags waits for the past.
        self._tail = self._consumer()
        self._past = self._consumer()
        self._past_lock = asyncio.Lock()
        self._ready_ms = 0

    async def start(self) -> None:
        """Connect, and begin to read at the ends as they are now.

        Raises:
            aiokafka.errors.KafkaError: the broker does not answer.
        """
        await self._tail.start()
        await self._past.start()
        targets = await self._targets()
        self._tail.assign(targets)
        ends = await self._tail.end_offsets(targets)
        for target, end in ends.items():
            self._tail.seek(target, end)
            self._rings[Place(*target)] = Ring(end, max(_LEAST_RING, _HELD // len(targets)))
        self._ready_ms = _now_ms()

    async def stop(self) -> None:
        """Disconnect."""
        await self._tail.stop()
        await self._past.stop()

    @property
    def silent_seconds(self) -> float:
        """For how long some partition has had no answer, not even an empty one; only once started."""
        heard = (self._tail.last_poll_timestamp(TopicPartition(*place)) for place in self._rings)
        return (_now_ms() - min(stamp or self._ready_ms for stamp in heard)) / 1000

    async def follow(self) -> None:
        """Read on until cancelled.

        Raises:
            aiokafka.errors.KafkaError: the broker refuses for good.
        """
        while True:
            batches = await self._tail.getmany(timeout_ms=_POLL_MS)
            for target, records in batches.items():
                end = await self._tail.position(target)
                self._rings[Place(*target)].extend(self._understood(records), end)
            if batches:
                async with self._moved:
                    self._moved.notify_all()

    async def watch(self, limit: float) -> None:
        """Look on until cancelled.

        Raises:
            StalledError: a partition goes on in the log, and for `limit` seconds not here.
        """
        clock = asyncio.get_running_loop().time
        since: dict[Place, tuple[int, float]] = {}
        while True:
            behind = await self._behind()
            since = {place: since.get(place, (end, clock())) for place, end in behind.items()}
            # What has moved meanwhile is slow, and not stalled.
            since = {place: kept for place, kept in since.items() if kept[0] == behind[place]}
            if stalled := [place for place, (_, began) in since.items() if clock() - began > limit]:
                raise StalledError(f"nothing came for {limit:g} seconds of {stalled}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _behind(self) -> dict[Place, int]:
        """The partitions that go on beyond what has come, with how far that is."""
        targets = [TopicPartition(*place) for place in self._rings]
        try:
            ends = await self._past.end_offsets(targets)
        except (KafkaError, TimeoutError) as error:
            _log.warning("log_ends_unknown", reason=repr(error))
            return {}
        read = {target: self._rings[Place(*target)].end for target in targets}
        return {Place(*target): read[target] for target in targets if ends[target] > read[target]}

    async def wait_beyond(self, positions: Mapping[Place, int]) -> None:
        """Return when some partition goes on after its position."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._goes_beyond(positions))

    async def read(self, place: Place, offset: int) -> Page:
        """The notifications from an offset on, at most some hundred; none at the end.

        Raises:
            aiokafka.errors.KafkaError: the broker does not answer.
            TimeoutError: nothing came of what the log should hold.
        """
        ring = self._rings[place]
        page = ring.page(offset, _PAGE)
        return await self._read_past(place, offset) if page is None else page

    async def offsets_since(self, moment_ms: int) -> dict[Place, int]:
        """For each partition the offset of its first record from that time on, else its end about now.

        Raises:
            aiokafka.errors.KafkaError: the broker does not answer.
        """
        # Noted before it is asked, so that no record can come between; some may be older than was asked for.
        ends = {TopicPartition(*place): ring.end for place, ring in self._rings.items()}
        found = await self._past.offsets_for_times(dict.fromkeys(ends, moment_ms))
        return {
            Place(*target): end if found.get(target) is None else found[target].offset
            for target, end in ends.items()
        }

    async def within(self, positions: Mapping[Place, int], since_ms: int) -> dict[Place, int]:
        """Positions as they can be read: of each partition one, and none beyond its bounds.

        A partition that has none begins at `since_ms`. What retention has taken is lost, and said in the log.

        Raises:
            aiokafka.errors.KafkaError: the broker does not answer.
        """
        begins = await self.offsets_since(since_ms)
        targets = [TopicPartition(*place) for place in self._rings]
        firsts = await self._past.beginning_offsets(targets)
        ends = await self._past.end_offsets(targets)
        fitting = {}
        for target in targets:
            place = Place(*target)
            wanted = positions.get(place, begins[place])
            fitting[place] = min(max(wanted, firsts[target]), ends[target])
            if fitting[place] != wanted:
                _log.error("notifications_lost", place=place, wanted=wanted, found=fitting[place])
        return fitting

    def _goes_beyond(self, positions: Mapping[Place, int]) -> bool:
        return any(ring.end > positions.get(place, 0) for place, ring in self._rings.items())

    async def _read_past(self, place: Place, offset: int) -> Page:
        target = TopicPartition(*place)
        async with self._past_lock, asyncio.timeout(_PAST_SECONDS):
            self._past.assign([target])
            first = (await self._past.beginning_offsets([target]))[target]
            if offset < first:
                _log.error("notifications_lost", place=place, wanted=offset, found=first)
                return Page([], first)
            self._past.seek(target, offset)
            records: list[ConsumerRecord] = []
            # Compaction may leave nothing but gaps, over which the position moves.
            while await self._past.position(target) == offset:
                batches = await self._past.getmany(target, timeout_ms=_POLL_MS, max_records=_PAGE)
                records = batches.get(target, [])
            return Page(self._understood(records), await self._past.position(target))

    def _understood(self, records: list[ConsumerRecord]) -> list[Notification]:
        notifications = []
        for record in records:
            if record.value is None:
                # It ends what an erased agent had on a compacted topic, and tells nobody anything.
                continue
            try:
                notifications.append(read_notification(record))
            except InvalidMessageError as error:
                self._metrics.unreadable.inc()
                _log.error(
                    "derived_event_ignored", topic=record.topic, offset=record.offset, reason=str(error)
                )
        return notifications

    async def _targets(self) -> list[TopicPartition]:
        admin = kafka.admin(self._address, client_id=_CLIENT_ID)
        try:
            await admin.start()
            topics = await admin.describe_topics(list(DERIVED_TOPICS))
        finally:
            await admin.close()
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in topics
            for partition in topic["partitions"]
        ]

    def _consumer(self) -> AIOKafkaConsumer:
        return kafka.consumer(self._address, client_id=_CLIENT_ID, request_timeout_ms=_REQUEST_MS)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
