"""A producer that is made anew after each failure."""

from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, OutOfOrderSequenceNumber

from runtime import kafka
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from runtime.settings import KafkaAddress

ADDRESS = KafkaAddress("127.0.0.1:1")
AT_START = -1

# What the next producers fail at: the number of a record, or the start.
FAILING: dict[int, Exception] = {}


class Sent:
    """The acknowledgement of a record."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


class FakeProducer:
    """Acknowledges each record with the next offset, or fails as it is told."""

    def __init__(self, failing: dict[int, Exception]) -> None:
        self.sent: list[dict[str, Any]] = []
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
