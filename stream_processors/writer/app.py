"""The writer's process: wait for what it needs, run, and leave cleanly."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from runtime import kafka
from runtime.control_log import ControlReader
from runtime.health import HealthServer
from runtime.logging import get_logger
from schemas.control import CONTROL_TYPES
from schemas.topics import WRITER_GROUP, Service, Topic, topics_of
from stream_processors.failpoints import Failpoint
from stream_processors.state.log import StateLog
from stream_processors.writer.consumer import PartitionOwner
from stream_processors.writer.dead_letters import DeadLetters
from stream_processors.writer.erasing import Erasures
from stream_processors.writer.insert import Inserter
from stream_processors.writer.metrics import WriterMetrics
from stream_processors.writer.offsets import Offsets
from stream_processors.writer.retention_keeper import RetentionKeeper
from stream_processors.writer.services import Services
from stream_processors.writer.settings import WriterSettings
from stream_processors.writer.tables import wait_for_tables
from stream_processors.writer.trimmer import Trimmer
from stream_processors.writer.watchdog import is_late, watch

_log = get_logger(__name__)
_CLIENT_ID = "promethios-writer"
_SESSION_MS = 10_000
_HEARTBEAT_MS = 3_000
_LONGEST_WAIT_SECONDS = 5.0
_LOOK_SECONDS = 1.0

# As compressed: NDJSON unfolds to ten times that and more, and a fetch is held twice, here and as prefetched.
_PARTITION_FETCH_BYTES = 512 * 1024
_FETCH_BYTES = 4 * 1024 * 1024


class TopicsMissingError(Exception):
    """Not all topics exist yet."""


class ControlLostError(Exception):
    """What is erased from now on would not be noticed; a restart reads it anew."""


class Writer:
    """The process's parts and their life."""

    def __init__(self, settings: WriterSettings) -> None:
        """Nothing is connected before `run`."""
        self._settings = settings
        self._metrics = WriterMetrics()
        self._inserter = Inserter(
            settings.clickhouse, settings.writer_inserts, settings.writer_insert_seconds
        )
        self._erasures = Erasures()
        self._tables_ready = False
        self._owner: PartitionOwner | None = None

    async def run(self) -> None:
        """Write until cancelled.

        Raises:
            StateMismatchError, StalledError, Exception: what no waiting can mend.
        """
        async with contextlib.AsyncExitStack() as stack:
            health = HealthServer(
                Service.WRITER.value, self._settings.run_dir, self._checks, self._metrics.registry
            )
            await health.start()
            stack.push_async_callback(health.stop)
            stack.push_async_callback(self._inserter.stop)
            await wait_for_tables(self._inserter)
            self._tables_ready = True
            admin = await self._started_admin(stack)
            # Nothing is stored before it is known what was erased.
            control = await self._started_control(stack)
            consumer = await self._started_consumer(stack)
            services = self._services(stack, consumer, admin)
            self._owner = owner = PartitionOwner(consumer, services)
            keeper = RetentionKeeper(
                self._inserter, control.state, owner.is_first, self._settings.writer_retention_seconds
            )
            beside = {"retention": keeper.run(), "control": _mind(control)}
            trimmer = self._trimmer(services, admin)
            if trimmer is not None:
                beside["trimmer"] = trimmer.run()
            await self._run_until_one_ends(owner, consumer, beside)

    async def _run_until_one_ends(
        self,
        owner: PartitionOwner,
        consumer: AIOKafkaConsumer,
        beside: Mapping[str, Coroutine[Any, Any, None]],
    ) -> None:
        tasks = [
            asyncio.create_task(owner.run(), name="poll"),
            asyncio.create_task(
                watch(
                    consumer,
                    lambda: owner.writers,
                    self._metrics,
                    self._settings.writer_stall_seconds,
                    self._settings.writer_alarm_seconds,
                ),
                name="watchdog",
            ),
            *(asyncio.create_task(work, name=name) for name, work in beside.items()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _checks(self) -> dict[str, bool]:
        owner = self._owner
        return {
            "clickhouse": self._tables_ready and self._inserter.answers,
            "kafka": owner is not None and owner.joined,
            "freshness": owner is None
            or not is_late(owner.writers, time.time(), self._settings.writer_alarm_seconds),
            "dead_letters": owner is None or not any(writer.halted for writer in owner.writers.values()),
        }

    def _trimmer(self, services: Services, admin: AIOKafkaAdminClient) -> Trimmer | None:
        """Only where the broker is the stack's own."""
        settings = self._settings
        if settings.kafka_log_dir is None:
            return None
        others = StateLog(Topic.PROCESSOR_STATE, settings.kafka, client_id=f"{_CLIENT_ID}-trimmer")
        states = (services.state_log, others)
        return Trimmer(settings.kafka_log_dir, settings.kafka_disk_limits, admin, states)

    def _services(
        self, stack: contextlib.AsyncExitStack, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient
    ) -> Services:
        address = self._settings.kafka
        dead_letters = DeadLetters(address, client_id=f"{_CLIENT_ID}-dead-letters")
        state_log = StateLog(Topic.WRITER_STATE, address, client_id=f"{_CLIENT_ID}-state")
        stack.push_async_callback(dead_letters.stop)
        stack.push_async_callback(state_log.stop)
        return Services(
            settings=self._settings,
            consumer=consumer,
            offsets=Offsets(consumer, admin, WRITER_GROUP),
            inserter=self._inserter,
            dead_letters=dead_letters,
            state_log=state_log,
            metrics=self._metrics,
            failpoint=Failpoint(self._settings.failpoint),
            erasures=self._erasures,
        )

    async def _started_admin(self, stack: contextlib.AsyncExitStack) -> AIOKafkaAdminClient:
        """The admin client, once the brokers answer and all topics exist."""
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((KafkaError, TopicsMissingError)),
            wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_SECONDS),
            before_sleep=lambda state: _log.warning("writer_waits", reason=f"Kafka: {state.outcome}"),
        ):
            with attempt:
                admin = kafka.admin(self._settings.kafka, client_id=_CLIENT_ID)
                try:
                    await admin.start()
                    await _check_topics(admin)
                except BaseException:
                    await admin.close()
                    raise
        stack.push_async_callback(admin.close)
        return admin

    async def _started_control(self, stack: contextlib.AsyncExitStack) -> ControlReader:
        """What tenants want to be kept, and what was erased, followed from here on."""
        types = {str(topic): CONTROL_TYPES[topic] for topic in (Topic.RETENTIONS, Topic.ERASURES)}
        control = ControlReader(self._settings.kafka, types, f"{_CLIENT_ID}-control")
        control.subscribe(self._erasures.apply)
        stack.push_async_callback(control.stop)
        await control.start()
        return control

    async def _started_consumer(self, stack: contextlib.AsyncExitStack) -> AIOKafkaConsumer:
        consumer = kafka.consumer(
            self._settings.kafka,
            client_id=_CLIENT_ID,
            group_id=WRITER_GROUP,
            group_instance_id=self._settings.writer_instance,
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
        )
        stack.push_async_callback(consumer.stop)
        await consumer.start()
        return consumer


async def _mind(control: ControlReader) -> None:
    while control.following:  # noqa: ASYNC110 - the reader has no event for its end
        await asyncio.sleep(_LOOK_SECONDS)
    raise ControlLostError("the reader of control records has ended")


async def _check_topics(admin: AIOKafkaAdminClient) -> None:
    missing = topics_of(Service.WRITER) - set(await admin.list_topics())
    if missing:
        raise TopicsMissingError(f"topics are missing: {sorted(missing)}")
