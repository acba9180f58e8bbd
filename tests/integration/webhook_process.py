"""The dispatcher as a process of a test's own, and what it reads: webhooks and derived events."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from query_api.webhook_registrar import deleted, new_secret
from runtime import kafka
from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.derived import Alert, AlertState, DerivedData, DerivedEvent, encode_event
from schemas.messages.values import Severity
from schemas.topics import Service, Topic
from schemas.webhooks import SigningSecret, Webhook
from tests.integration.stream_process import StreamProcess, until
from webhook_dispatcher.services import now_ms

_AT = "2026-01-31T12:00:00.250Z"


class WebhookProcess(StreamProcess):
    """`python -m webhook_dispatcher`, allowed to call this machine, and quick to try again."""

    def __init__(self, address: KafkaAddress, folder: Path, instance: str | None) -> None:
        """`instance` is the static membership: a restart need not wait for a session to time out."""
        quick = {
            "outgoing_networks": "127.0.0.0/8",
            # A receiver on a busy machine is slow, and what it has answered too late comes again.
            "webhooks_timeout_seconds": "60",
            "webhooks_first_retry_seconds": "0.1",
            "webhooks_longest_retry_seconds": "0.5",
        }
        if instance is not None:
            quick["webhooks_instance"] = instance
        super().__init__("webhook_dispatcher", Service.WEBHOOKS, address, folder, quick)


class Feed:
    """Puts webhooks and events onto their topics, as the query API and the processors would."""

    def __init__(self, address: KafkaAddress) -> None:
        self.tenant_id = f"tenant-{uuid.uuid4().hex}"
        self._producer = kafka.producer(address, client_id="test-feed")
        self._reader = ControlReader(address, {Topic.WEBHOOKS: Webhook}, "test-feed")
        self._writer = ControlWriter(address, self._reader, "test-feed")

    async def start(self) -> None:
        await self._producer.start()
        await self._reader.start()
        await self._writer.start()

    async def stop(self) -> None:
        """Leave no webhook to the next test."""
        for entry in tuple(self._reader.state.all(Topic.WEBHOOKS).values()):
            if isinstance(entry.data, Webhook) and entry.data.tenant_id == self.tenant_id:
                await self.put(deleted(entry.data, now_ms()))
        await self._writer.stop()
        await self._reader.stop()
        await self._producer.stop()

    def webhook(self, url: str, **fields: object) -> Webhook:
        """A webhook of this feed's tenant, of which nobody knows yet."""
        now = now_ms()
        values = {
            "webhook_id": str(uuid.uuid4()),
            "tenant_id": self.tenant_id,
            "url": url,
            "secrets": (SigningSecret(new_secret()),),
            "created_at": now,
            "changed_at": now,
            "starts_at": now,
        }
        return Webhook(**(values | fields))  # type: ignore[arg-type] # the fields' own types

    async def put(self, webhook: Webhook) -> Webhook:
        """Create or change a webhook."""
        entry = self._reader.state.get(Topic.WEBHOOKS, webhook.webhook_id)
        version = entry.version if entry else 0
        await self._writer.put(Topic.WEBHOOKS, webhook.webhook_id, webhook, replaces=version)
        return webhook

    async def alerts(self, count: int) -> list[str]:
        """Publish alerts of one agent; their ids, in order."""
        return await self.publish(self.alert() for _ in range(count))

    def alert(self, agent_id: str = "scout", severity: Severity = Severity.HIGH) -> Alert:
        ids = (self.tenant_id, agent_id)
        return Alert(*ids, "f1", "trust-drop", AlertState.FIRING, severity, "fell", _AT, None, ["b:1"])

    async def publish(self, events: Iterable[DerivedData]) -> list[str]:
        """Publish events, all of one key, so that they have one order; their ids."""
        ids = []
        for data in events:
            event_id = str(uuid.uuid4())
            record = encode_event(DerivedEvent(event_id, self.tenant_id, now_ms(), data))
            await self._producer.send(
                record.topic, record.value, key=self.tenant_id.encode(), headers=record.headers
            )
            ids.append(event_id)
        await self._producer.flush()
        return ids


async def next_millisecond() -> None:
    """Wait out the clock's: a webhook is told of all that was published in the one that it starts in."""
    began = now_ms()

    async def is_over() -> bool:
        return now_ms() > began

    await until("the next millisecond", is_over)


@asynccontextmanager
async def feeding(address: KafkaAddress) -> AsyncIterator[Feed]:
    """A started feed."""
    feed = Feed(address)
    try:
        await feed.start()
        yield feed
    finally:
        await feed.stop()


async def records_of(address: KafkaAddress, topic: Topic) -> list[ConsumerRecord]:
    """All that stands on a topic now."""
    consumer = AIOKafkaConsumer(
        topic,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        client_id="test-records",
        **kafka.connection(address),
    )
    found = []
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
    finally:
        await consumer.stop()
    return found
