"""When the producer is replaced and when not, on a producer that fails as told."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    UnknownProducerId,
)
from aiokafka.structs import RecordMetadata, TopicPartition

from ingest_gateway import kafka_sink
from ingest_gateway.kafka_sink import KafkaSink
from ingest_gateway.sink import SinkError
from runtime import kafka
from runtime.settings import KafkaAddress


class FakeClient:
    """Counts what is closed."""

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class FakeSender:
    """Has no task of its own."""

    sender_task = None


def stored(timestamp_type: int, timestamp: int | None) -> RecordMetadata:
    return RecordMetadata("t", 0, TopicPartition("t", 0), 7, timestamp, timestamp_type, 0)


class FakeProducer:
    """Delivers, unless a script of the class says which error comes, and where."""

    made: list["FakeProducer"]
    refuse_start: int
    hang_on_stop: bool

    def __init__(self) -> None:
        self.client = FakeClient()
        self._sender = FakeSender()
        self.on_send: BaseException | None = None
        self.on_delivery: BaseException | None = None
        self.answer = stored(1, 1234)
        self.stopped = False
        self.made.append(self)

    async def start(self) -> None:
        if type(self).refuse_start:
            type(self).refuse_start -= 1
            raise KafkaConnectionError("away")

    async def partitions_for(self, _topic: str) -> set[int]:
        return {0, 1, 2}

    async def send(self, *_args: object, **_options: object) -> "asyncio.Future[RecordMetadata]":
        if self.on_send is not None:
            raise self.on_send
        delivery = asyncio.get_running_loop().create_future()
        if self.on_delivery is not None:
            delivery.set_exception(self.on_delivery)
        else:
            delivery.set_result(self.answer)
        return delivery

    async def stop(self) -> None:
        if type(self).hang_on_stop:
            await asyncio.Event().wait()
        self.stopped = True


@pytest.fixture(autouse=True)
def producers(monkeypatch: pytest.MonkeyPatch) -> list[FakeProducer]:
    FakeProducer.made = []
    FakeProducer.refuse_start = 0
    FakeProducer.hang_on_stop = False

    def make(_address: KafkaAddress, **_options: Any) -> FakeProducer:  # noqa: ANN401 - the producer's own
        return FakeProducer()

    monkeypatch.setattr(kafka, "block_producer", make)
    monkeypatch.setattr(kafka_sink, "_STOP_SECONDS", 0.05)
    return FakeProducer.made


async def started() -> KafkaSink:
    sink = KafkaSink(KafkaAddress("unused:1"), "topic", client_id="test")
    assert await sink.start() == 3
    return sink


async def connected(sink: KafkaSink) -> None:
    async with asyncio.timeout(60):
        while not sink.is_connected:  # noqa: ASYNC110 - the sink has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "error",
    [OutOfOrderSequenceNumber(), ProducerFenced(), UnknownProducerId(), KafkaError("any"), AssertionError()],
    ids=repr,
)
async def test_a_failed_delivery_replaces_the_producer(
    error: Exception, producers: list[FakeProducer]
) -> None:
    sink = await started()
    producers[0].on_delivery = error
    results = await asyncio.gather(*(sink.publish(0, b"x", []) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(result, SinkError) for result in results)
    await connected(sink)
    await sink.publish(0, b"x", [])
    assert len(producers) == 2
    await sink.stop()
    assert all(producer.stopped for producer in producers)


@pytest.mark.parametrize("error", [KafkaTimeoutError(), MessageSizeTooLargeError()], ids=repr)
async def test_a_record_that_was_never_handed_over_leaves_the_producer(
    error: Exception, producers: list[FakeProducer]
) -> None:
    sink = await started()
    producers[0].on_send = error
    with pytest.raises(SinkError):
        await sink.publish(0, b"x", [])
    producers[0].on_send = None
    await sink.publish(0, b"x", [])
    assert len(producers) == 1
    await sink.stop()


async def test_a_sender_that_died_is_replaced_with_back_off(producers: list[FakeProducer]) -> None:
    sink = await started()
    producers[0].on_send = KafkaError("Unexpected error during batch delivery")
    FakeProducer.refuse_start = 2
    with pytest.raises(SinkError):
        await sink.publish(0, b"x", [])
    with pytest.raises(SinkError, match="being replaced"):
        await sink.publish(0, b"x", [])
    await connected(sink)
    assert len(producers) == 4
    await sink.stop()


async def test_a_producer_that_does_not_stop_is_left_behind_closed(producers: list[FakeProducer]) -> None:
    sink = await started()
    FakeProducer.hang_on_stop = True
    async with asyncio.timeout(60):
        await sink.stop()
    assert producers[0].client.closed


async def test_a_broker_that_is_away_is_a_sink_error() -> None:
    FakeProducer.refuse_start = 1
    sink = KafkaSink(KafkaAddress("unused:1"), "topic", client_id="test")
    with pytest.raises(SinkError, match="KafkaConnectionError"):
        await sink.start()
    assert not sink.is_connected


async def test_stopping_ends_the_search_for_a_broker(producers: list[FakeProducer]) -> None:
    sink = await started()
    producers[0].on_delivery = OutOfOrderSequenceNumber()
    FakeProducer.refuse_start = 1_000_000
    with pytest.raises(SinkError):
        await sink.publish(0, b"x", [])
    async with asyncio.timeout(60):
        await sink.stop()
    assert not sink.is_connected


async def test_the_time_is_the_brokers_where_it_keeps_one(producers: list[FakeProducer]) -> None:
    sink = await started()
    assert await sink.publish(0, b"x", []) == 1234
    now = time.time_ns() // 1_000_000
    for without in (stored(0, 1234), stored(0, None)):
        producers[0].answer = without
        assert await sink.publish(0, b"x", []) >= now
    await sink.stop()
