"""A producer that is made anew after each failure."""

from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, OutOfOrderSequenceNumber
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from runtime import kafka
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from runtime.settings import KafkaAddress

ADDRESS = KafkaAddress("127.0.0.1:1")
AT_START = -1
PARTITIONS = 4
_FULL = 2

# What the next producers fail at: the number of a record, or the start.
FAILING: dict[int, Exception] = {}


class Sent:
    """The acknowledgement of a record."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class FakeBatch:
    """Holds two records."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.closed = False

    def append(self, *, timestamp: None, key: bytes | None, value: bytes, headers: object) -> object | None:
        assert (timestamp, headers) == (None, [("h", b"1")])
        if len(self.values) == _FULL:
            return None
        self.values.append(value)
        return key or b"no key"

    def close(self) -> None:
        self.closed = True


class FakeProducer:
    """Acknowledges each record with the next offset, or fails as it is told."""

    def __init__(self, failing: dict[int, Exception]) -> None:
        self.sent: list[dict[str, Any]] = []
        self.batches: list[tuple[str, int, list[bytes]]] = []
        self.acknowledged: list[list[bytes]] = []
        self.stopped = False
        self._failing = failing

    async def start(self) -> None:
        if AT_START in self._failing:
            raise self._failing.pop(AT_START)

    async def send(self, **record: object) -> Any:  # noqa: ANN401 - an awaitable, as aiokafka's
        self.sent.append(record)
        offset = len(self.sent) - 1

        async def acknowledged() -> Sent:
            if offset in self._failing:
                raise self._failing.pop(offset)
            return Sent(offset)

        return acknowledged()

    async def partitions_for(self, _topic: str) -> set[int]:
        return set(range(PARTITIONS))

    def create_batch(self) -> FakeBatch:
        return FakeBatch()

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> Any:  # noqa: ANN401 - as above
        assert batch.closed
        self.batches.append((topic, partition, batch.values))

        async def acknowledged() -> None:
            if partition in self._failing:
                raise self._failing.pop(partition)
            self.acknowledged.append(batch.values)

        return acknowledged()

    async def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[FakeProducer]:
    """The producers that were made."""
    made: list[FakeProducer] = []

    def make(*_: object, **__: object) -> FakeProducer:
        made.append(FakeProducer(FAILING))
        return made[-1]

    monkeypatch.setattr(kafka, "producer", make)
    FAILING.clear()
    return made


def record(value: bytes) -> OutgoingRecord:
    return OutgoingRecord("topic", value, None, [("h", b"1")], partition=2)


async def test_records_are_sent_in_order_and_their_offsets_returned(made: list[FakeProducer]) -> None:
    producer = RestartingProducer(ADDRESS, client_id="test")
    assert await producer.send_all([record(b"a"), record(b"b")]) == [0, 1]
    assert [sent["value"] for sent in made[0].sent] == [b"a", b"b"]
    assert made[0].sent[0] == record(b"a")._asdict()
    assert await producer.send_all([]) == []
    assert len(made) == 1
    await producer.stop()
    assert made[0].stopped


async def test_after_a_failure_there_is_a_new_producer(made: list[FakeProducer]) -> None:
    FAILING[1] = OutOfOrderSequenceNumber("spoilt")
    producer = RestartingProducer(ADDRESS, client_id="test")
    with pytest.raises(OutOfOrderSequenceNumber):
        await producer.send_all([record(b"a"), record(b"b"), record(b"c")])
    assert made[0].stopped
    assert await producer.send_all([record(b"a")]) == [0]
    assert len(made) == 2


async def test_a_producer_that_cannot_start_is_closed(made: list[FakeProducer]) -> None:
    FAILING[AT_START] = KafkaConnectionError("away")
    producer = RestartingProducer(ADDRESS, client_id="test")
    with pytest.raises(KafkaConnectionError):
        await producer.send_all([record(b"a")])
    assert made[0].stopped


async def test_batches_keep_the_order_of_a_partition(made: list[FakeProducer]) -> None:
    producer = RestartingProducer(ADDRESS, client_id="test")
    values = [b"a", b"b", b"c", b"d", b"e"]
    other = OutgoingRecord("other", b"x", None, [("h", b"1")], partition=1)
    await producer.send_in_batches([*map(record, values[:3]), other, *map(record, values[3:])])
    assert [batch for batch in made[0].batches if batch[0] == "topic"] == [
        ("topic", 2, [b"a", b"b"]),
        ("topic", 2, [b"c", b"d"]),
        ("topic", 2, [b"e"]),
    ]
    assert ("other", 1, [b"x"]) in made[0].batches
    assert len(made[0].acknowledged) == len(made[0].batches), "all were waited for"


@given(key=st.binary(min_size=1, max_size=40))
async def test_a_key_decides_the_partition_as_kafkas_clients_do(key: bytes) -> None:
    fake = FakeProducer({})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kafka, "producer", lambda *_, **__: fake)
        producer = RestartingProducer(ADDRESS, client_id="test")
        await producer.send_in_batches([OutgoingRecord("topic", b"a", key, [("h", b"1")])])
    assert fake.batches == [("topic", (murmur2(key) & 0x7FFFFFFF) % PARTITIONS, [b"a"])]


async def test_a_batch_that_fails_makes_a_new_producer(made: list[FakeProducer]) -> None:
    FAILING[2] = OutOfOrderSequenceNumber("spoilt")
    producer = RestartingProducer(ADDRESS, client_id="test")
    with pytest.raises(OutOfOrderSequenceNumber):
        await producer.send_in_batches(map(record, [b"a", b"b", b"c"]))
    assert made[0].stopped
    assert len(made[0].batches) == 1, "what stands behind it is not sent"
    await producer.send_in_batches([record(b"a")])
    assert len(made) == 2
