"""The log on a real broker: its newest part from memory, its past when it is asked for, and its bounds."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs

from infra.kafka.topics import ensure_topics
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import DEFAULT_PARTITIONS, DERIVED_TOPICS, Topic
from tests.webhook_dispatcher.samples import record_of
from webhook_dispatcher import event_log
from webhook_dispatcher.event_log import EventLog, StalledError
from webhook_dispatcher.metrics import WebhookMetrics
from webhook_dispatcher.notification import Place
from webhook_dispatcher.services import now_ms

pytestmark = pytest.mark.integration

PLACE = Place(Topic.ALERTS, 0)


class Alerts:
    """Writes alerts into one partition."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def add(self, count: int, value: bytes | None = None) -> list[str]:
        """The ids of `count` alerts; a `value` makes them unreadable."""
        ids = []
        for _ in range(count):
            record = record_of(event_id=str(uuid.uuid4()))
            await self._producer.send_and_wait(
                PLACE.topic,
                record.value if value is None else value,
                key=record.key,
                headers=list(record.headers),
                partition=PLACE.partition,
            )
            ids.append(dict(record.headers)["ce_id"].decode())
        return ids


@pytest.fixture
async def alerts(kafka_address: KafkaAddress) -> AsyncIterator[Alerts]:
    await ensure_topics(kafka_address, DEFAULT_PARTITIONS)
    producer = kafka.producer(kafka_address, client_id="test")
    await producer.start()
    yield Alerts(producer)
    await producer.stop()


@pytest.fixture
async def log(alerts: Alerts, kafka_address: KafkaAddress) -> AsyncIterator[EventLog]:
    """Started after ten alerts, and followed."""
    await alerts.add(10)
    log = EventLog(kafka_address, WebhookMetrics())
    await log.start()
    following = asyncio.create_task(log.follow())
    yield log
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await log.stop()


async def read_all(log: EventLog, offset: int, count: int) -> list[str]:
    """The ids of the next `count` notifications."""
    ids: list[str] = []
    async with asyncio.timeout(60):
        while len(ids) < count:
            page = await log.read(PLACE, offset)
            ids += [notification.event_id for notification in page.notifications]
            if page.next_offset == offset:
                await log.wait_beyond({**dict.fromkeys(log._rings, 2**60), PLACE: offset})
            offset = page.next_offset
    return ids[:count]


async def test_past_and_present_are_one_log(
    log: EventLog, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "_PAGE", 3)
    since = now_ms()
    ids = await alerts.add(5)
    end = (await log.within({}, since))[PLACE] + 5
    read = await read_all(log, end - 15, 15)
    assert read[10:] == ids
    assert read[5:] == await read_all(log, end - 10, 10)
    assert len(set(read)) == 15
    assert set(log._rings) == {Place(t, p) for t in DERIVED_TOPICS for p in range(DEFAULT_PARTITIONS)}
    assert log.silent_seconds < 30


async def test_a_start_is_found_by_its_time(log: EventLog, alerts: Alerts) -> None:
    await alerts.add(2)
    await asyncio.sleep(0.002)
    since = now_ms()
    ids = await alerts.add(2)
    start = (await log.offsets_since(since))[PLACE]
    assert await read_all(log, start, 2) == ids
    # Nothing is there yet, and the tail may not have heard of the last ones: none is passed over.
    later = (await log.offsets_since(now_ms() + 3_600_000))[PLACE]
    more = await alerts.add(1)
    assert later <= start + 2
    assert (await read_all(log, later, start + 3 - later))[-1:] == more


async def test_what_is_no_event_is_passed_and_counted(log: EventLog, alerts: Alerts) -> None:
    start = (await log.offsets_since(now_ms()))[PLACE]
    with capture_logs() as logs:
        await alerts.add(1, value=b"garbage")
        ids = await alerts.add(1)
        assert (await read_all(log, start, 1))[-1:] == ids
    assert [entry["event"] for entry in logs] == ["derived_event_ignored"]
    assert log._metrics.unreadable._value.get() == 1


async def test_positions_beyond_the_log_are_brought_within_it(log: EventLog) -> None:
    now = now_ms()
    with capture_logs() as logs:
        found = await log.within({PLACE: 2**40, Place("gone.v1", 0): 3}, now)
    assert set(found) == set(log._rings)
    assert found[PLACE] < 2**40
    assert [entry["event"] for entry in logs] == ["notifications_lost"]


async def test_a_log_that_goes_on_without_coming_here_is_noticed(
    alerts: Alerts, kafka_address: KafkaAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "_LOOK_SECONDS", 0.01)
    log = EventLog(kafka_address, WebhookMetrics())
    await log.start()
    try:
        # Nobody follows it.
        watching = asyncio.create_task(log.watch(0.05))
        await asyncio.wait({watching}, timeout=0.2)
        assert not watching.done()
        await alerts.add(1)
        with pytest.raises(StalledError, match="alerts"):
            await asyncio.wait_for(watching, 60)
    finally:
        await log.stop()
