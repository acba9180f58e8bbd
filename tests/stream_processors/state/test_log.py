"""Order and failure of writes, with a producer that records what it is given."""

import asyncio
from typing import Any, ClassVar

import pytest
from aiokafka.errors import KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder

from runtime import kafka
from runtime.settings import KafkaAddress
from stream_processors.state.log import StateLog, UnsureOwnerError
from stream_processors.state.snapshot import META_KEY, StateRecord, state_record


class FakeProducer:
    """Takes batches of at most 1000 bytes, and notes which were acknowledged when one was sent."""

    made: ClassVar[list["FakeProducer"]] = []

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.acknowledged_at_send: list[int] = []
        self.fails = False
        self.stopped = False
        self._acknowledged = 0
        FakeProducer.made.append(self)

    async def start(self) -> None: ...

    async def stop(self) -> None:
        self.stopped = True

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1000, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[None]:
        assert (topic, partition) == ("state", 3)
        self.sent.append(batch.record_count())
        self.acknowledged_at_send.append(self._acknowledged)
        return asyncio.ensure_future(self._acknowledge())

    async def _acknowledge(self) -> None:
        await asyncio.sleep(0)
        if self.fails:
            raise KafkaTimeoutError
        self._acknowledged += 1


@pytest.fixture
def state_log(monkeypatch: pytest.MonkeyPatch) -> StateLog:
    def fake_producer(*_: object, **__: Any) -> FakeProducer:  # noqa: ANN401 - as the real one
        return FakeProducer()

    FakeProducer.made.clear()
    monkeypatch.setattr(kafka, "producer", fake_producer)
    return StateLog("state", KafkaAddress("nowhere:1"), client_id="test")


def record(key: str, fence: int, payload: bytes | None = b"x") -> StateRecord:
    return state_record(key, fence, payload)


async def test_small_checkpoints_are_one_batch(state_log: StateLog) -> None:
    written = await state_log.write(3, 7, [record("a", 5), record("b", 7, None)], b"meta")

    assert FakeProducer.made[0].sent == [3]
    assert 50 < written < 200


async def test_the_meta_record_follows_when_all_entries_are_stored(state_log: StateLog) -> None:
    await state_log.write(3, 7, [record(f"k{n}", 7, b"x" * 400) for n in range(5)], b"m" * 400)

    producer = FakeProducer.made[0]
    assert producer.sent == [2, 2, 2]
    assert producer.acknowledged_at_send[-1] == len(producer.sent) - 1


async def test_a_record_larger_than_a_batch_is_sent_alone(state_log: StateLog) -> None:
    await state_log.write(3, 7, [record("a", 5, b"x" * 5000), record("b", 6)], b"meta")

    assert FakeProducer.made[0].sent == [1, 2]


async def test_a_failed_write_raises_and_the_next_one_has_a_new_producer(state_log: StateLog) -> None:
    await state_log.write(3, 6, [], b"meta")
    FakeProducer.made[0].fails = True

    with pytest.raises(KafkaTimeoutError):
        await state_log.write(3, 7, [record("a", 5)], b"meta")
    await state_log.write(3, 7, [record("a", 5)], b"meta")

    assert FakeProducer.made[0].stopped
    assert FakeProducer.made[1].sent == [2]


async def test_who_may_be_no_owner_any_more_writes_nothing(state_log: StateLog) -> None:
    with pytest.raises(UnsureOwnerError):
        await state_log.write(3, 7, [record("a", 5)], b"meta", lambda: False)
    assert FakeProducer.made[0].sent == []
    await state_log.write(3, 7, [record("a", 5)], b"meta", lambda: True)
    assert FakeProducer.made[0].sent == [2]


async def test_the_key_of_the_meta_record_is_reserved(state_log: StateLog) -> None:
    with pytest.raises(ValueError, match="not a key for entries"):
        await state_log.write(3, 7, [record(META_KEY, 5)], b"meta")
    assert FakeProducer.made[0].sent == []
