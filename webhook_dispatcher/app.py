"""The dispatcher's process: wait for what it needs, run, and leave cleanly."""

import asyncio
import contextlib
from collections.abc import Coroutine

import msgspec
from aiokafka import AIOKafkaConsumer

from runtime import kafka
from runtime.control_log import ControlReader
from runtime.health import HealthServer
from runtime.logging import get_logger
from runtime.restarting_producer import RestartingProducer
from runtime.waiting import wait_for_topics
from schemas.topics import WEBHOOKS_GROUP, Service, Topic, topics_of
from schemas.webhooks import Webhook
from webhook_dispatcher.endpoints import Endpoints
from webhook_dispatcher.event_log import EventLog
from webhook_dispatcher.guarded_network import Resolver
from webhook_dispatcher.journal import Journal
from webhook_dispatcher.membership import Membership
from webhook_dispatcher.metrics import WebhookMetrics
from webhook_dispatcher.sender import Sender
from webhook_dispatcher.services import Services
from webhook_dispatcher.settings import WebhookSettings

_log = get_logger(__name__)
_CLIENT_ID = "promethios-webhooks"
_SESSION_MS = 10_000
_HEARTBEAT_MS = 3_000
_SILENT_SECONDS = 10.0
_LOOK_SECONDS = 1.0


class Dispatcher:
    """The process's parts and their life."""

    def __init__(self, settings: WebhookSettings) -> None:
        """Nothing is connected before `run`."""
        self._settings = settings
        self._metrics = WebhookMetrics()
        self._log: EventLog | None = None
        self._membership: Membership | None = None

    async def run(self) -> None:
        """Deliver until cancelled.

        Raises:
            Exception: what no waiting can mend.
        """
        settings = self._settings
        async with contextlib.AsyncExitStack() as stack:
            health = HealthServer(
                Service.WEBHOOKS.value, settings.run_dir, self._checks, self._metrics.registry
            )
            await health.start()
            stack.push_async_callback(health.stop)
            await wait_for_topics(settings.kafka, sorted(topics_of(Service.WEBHOOKS)), client_id=_CLIENT_ID)
            partitions = await self._partitions()
            consumer = await self._started_consumer(stack)
            services = await self._services(stack, partitions)
            endpoints = Endpoints(services, partitions)
            reader = await self._started_reader(stack, endpoints)
            self._log = services.log
            self._membership = Membership(consumer, settings.kafka, endpoints)
            await _run_until_one_ends(
                self._membership.run(),
                services.log.follow(),
                services.log.watch(settings.webhooks_stall_seconds),
                _following(reader),
            )

    def _checks(self) -> dict[str, bool]:
        return {
            "kafka": self._log is not None and self._log.silent_seconds < _SILENT_SECONDS,
            "webhooks": self._membership is not None and self._membership.is_loaded,
        }

    async def _partitions(self) -> int:
        """How many partitions the webhooks are shared out by."""
        admin = kafka.admin(self._settings.kafka, client_id=_CLIENT_ID)
        try:
            await admin.start()
            [topic] = await admin.describe_topics([Topic.WEBHOOK_STATE])
        finally:
            await admin.close()
        return len(topic["partitions"])

    async def _services(self, stack: contextlib.AsyncExitStack, partitions: int) -> Services:
        settings = self._settings
        resolver = Resolver()
        stack.callback(resolver.close)
        sender = Sender(settings.reach, resolver, settings.webhooks_timeout_seconds)
        stack.push_async_callback(sender.close)
        producer = RestartingProducer(settings.kafka, client_id=f"{_CLIENT_ID}-journal")
        stack.push_async_callback(producer.stop)
        log = EventLog(settings.kafka, self._metrics)
        stack.push_async_callback(log.stop)
        await log.start()
        return Services(
            log=log,
            sender=sender,
            journal=Journal(producer, partitions),
            metrics=self._metrics,
            policy=settings.retry_policy,
            queue=settings.webhooks_queue,
        )

    async def _started_reader(self, stack: contextlib.AsyncExitStack, endpoints: Endpoints) -> ControlReader:
        def apply(_topic: str, _key: str, data: msgspec.Struct) -> None:
            if isinstance(data, Webhook):
                endpoints.apply(data)

        reader = ControlReader(self._settings.kafka, {Topic.WEBHOOKS: Webhook}, _CLIENT_ID)
        reader.subscribe(apply)
        stack.push_async_callback(reader.stop)
        await reader.start()
        return reader

    async def _started_consumer(self, stack: contextlib.AsyncExitStack) -> AIOKafkaConsumer:
        consumer = kafka.consumer(
            self._settings.kafka,
            client_id=_CLIENT_ID,
            group_id=WEBHOOKS_GROUP,
            group_instance_id=self._settings.webhooks_instance,
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
        )
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        return consumer


async def _following(reader: ControlReader) -> None:
    """Return when the webhooks' records are followed no more."""
    while reader.following:  # noqa: ASYNC110 - the reader has no event for its end
        await asyncio.sleep(_LOOK_SECONDS)
    raise RuntimeError("the webhooks' records are followed no more")


async def _run_until_one_ends(*works: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
