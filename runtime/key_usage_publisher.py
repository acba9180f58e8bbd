"""Publishes which keys were used, beside the hot path; reports do not notice when it fails."""

import asyncio
import contextlib
import time

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from runtime import kafka
from runtime.key_usage import KeyUsage
from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from schemas.key_usage import KeyUse
from schemas.topics import Topic

_log = get_logger(__name__)
_PAUSE_SECONDS = 1.0
_PAUSE_AFTER_FAILURE_SECONDS = 10.0
_SEND_SECONDS = 10.0
_LAST_SECONDS = 1.0


class KeyUsagePublisher:
    """Takes the notes each second and appends a record for each, with a producer apart from the reports'."""

    def __init__(self, usage: KeyUsage, address: KafkaAddress, *, client_id: str) -> None:
        """Nothing is connected before `start`."""
        self._usage = usage
        self._address = address
        self._client_id = f"{client_id}-key-usage"
        self._producer: AIOKafkaProducer | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run(), name="key usage")

    async def stop(self) -> None:
        """Publish what is noted, as far as a second goes, and disconnect."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._publish()
        await self._disconnect()

    async def _run(self) -> None:
        while True:
            published = await self._publish()
            await asyncio.sleep(_PAUSE_SECONDS if published else _PAUSE_AFTER_FAILURE_SECONDS)

    async def _publish(self) -> bool:
        """Whether all notes are on the topic; those that are not are forgotten."""
        notes = self._usage.take(_now())
        if not notes:
            return True
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await self._send(notes)
        except (KafkaError, OSError, TimeoutError) as error:
            self._usage.forget(notes)
            _log.warning("key_usage_not_published", keys=len(notes), reason=repr(error))
            await self._disconnect()
            return False
        return True

    async def _send(self, notes: dict[str, int]) -> None:
        if self._producer is None:
            producer = kafka.producer(self._address, client_id=self._client_id, enable_idempotence=False)
            self._producer = producer
            await producer.start()
        deliveries = [
            await self._producer.send(
                Topic.KEY_USAGE, msgspec.json.encode(KeyUse(used_at)), key=key_id.encode(), partition=0
            )
            for key_id, used_at in notes.items()
        ]
        await asyncio.gather(*deliveries)

    async def _disconnect(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(TimeoutError, KafkaError):
                async with asyncio.timeout(_LAST_SECONDS):
                    await producer.stop()


def _now() -> int:
    return time.time_ns() // 1_000_000
