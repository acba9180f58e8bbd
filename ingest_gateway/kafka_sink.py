"""The sink on a real broker: one idempotent producer at a time, replaced when it is beyond repair.

A batch that fails leaves a gap in the producer's sequence numbers, so that every later batch of its
partition fails too (aiokafka issue 1017). Hence any failed delivery ends the producer. Nothing is sent again
by us: whoever waited is told to repeat with the same key, and only readers of the log tell duplicates.
"""

import asyncio
import contextlib
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata
from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from ingest_gateway.sink import Headers, SinkError
from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress

_log = get_logger(__name__)

_CONNECT_SECONDS = 10.0
_STOP_SECONDS = 2.0
_MIB = 1024 * 1024

# These come before anything was handed to the producer's sender: it remains usable.
_HARMLESS = (KafkaTimeoutError, MessageSizeTooLargeError)

# Of aiokafka's RecordMetadata.timestamp_type.
_LOG_APPEND_TIME = 1


class KafkaSink:
    """Appends to one topic."""

    def __init__(self, address: KafkaAddress, topic: str, *, client_id: str) -> None:
        """Nothing is connected before `start`."""
        self._address = address
        self._topic = topic
        self._client_id = client_id
        self._producer: AIOKafkaProducer | None = None
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """Connect; see `Sink.start`."""
        self._producer = await self._connect()
        return len(await self._producer.partitions_for(self._topic))

    async def publish(self, partition: int, value: bytes, headers: Headers) -> int:
        """Append a record; see `Sink.publish`."""
        producer = self._producer
        if producer is None:
            raise SinkError("the producer is being replaced")
        try:
            delivery = await producer.send(self._topic, value, partition=partition, headers=list(headers))
            stored: RecordMetadata = await delivery
        except _HARMLESS as error:
            raise SinkError(str(error)) from error
        except Exception as error:  # aiokafka also asserts, when it no longer knows the partition
            self._replace(producer, error)
            raise SinkError(str(error)) from error
        if stored.timestamp_type == _LOG_APPEND_TIME:
            return int(stored.timestamp)
        # The broker kept no time for a repeat of ours, or the topic is set to keep ours: not later than now.
        return time.time_ns() // 1_000_000

    @property
    def is_connected(self) -> bool:
        """Whether there is a producer that may be used; it may still wait for the broker."""
        return self._producer is not None

    async def stop(self) -> None:
        """Disconnect; what is pending has a short time left."""
        producer, self._producer = self._producer, None
        for task in self._background:
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)
        if producer is not None:
            await _stop(producer)

    async def _connect(self) -> AIOKafkaProducer:
        producer = kafka.block_producer(
            self._address,
            client_id=self._client_id,
            linger_ms=0,
            max_batch_size=_MIB,
            request_timeout_ms=int(_CONNECT_SECONDS * 1000),
        )
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await producer.start()
                await producer.partitions_for(self._topic)
        except asyncio.CancelledError:
            await _stop(producer)
            raise
        except Exception as error:
            await _stop(producer)
            raise SinkError(f"cannot reach {self._topic}: {error!r}") from error
        return producer

    def _replace(self, broken: AIOKafkaProducer, cause: Exception) -> None:
        if self._producer is not broken:
            return
        self._producer = None
        _log.warning("producer_replaced", cause=repr(cause))
        for work in (self._renew(), _stop(broken)):
            task = asyncio.create_task(work)
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def _renew(self) -> None:
        wait = wait_exponential(multiplier=0.1, max=2.0)
        async for attempt in AsyncRetrying(retry=retry_if_exception_type(SinkError), wait=wait):
            with attempt:
                self._producer = await self._connect()
        _log.info("producer_connected")


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer whatever its state; its own `stop` waits for the broker without end."""
    stopping = asyncio.ensure_future(producer.stop())
    with contextlib.suppress(KafkaError):
        done, _ = await asyncio.wait({stopping}, timeout=_STOP_SECONDS)
        if done:
            stopping.result()
            return
    stopping.cancel()
    sender = producer._sender.sender_task  # noqa: SLF001 - nothing public ends a sender that cannot deliver
    if sender is not None:
        sender.cancel()
    await producer.client.close()
