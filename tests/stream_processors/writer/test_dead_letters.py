"""Dead letters carry everything that came, and say why they are dead."""

from typing import Any, ClassVar

import pytest
from aiokafka.errors import KafkaConnectionError

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from stream_processors.writer.dead_letters import DeadLetter, DeadLetters, of_record, of_row, records_of
from stream_processors.writer.rows import Undecodable
from tests.stream_processors.writer.records import FakeRecord

_RECORD = FakeRecord(41, b"\xff", [("kind", b"log"), ("kind", b"again")], b"key")


def test_a_record_is_untouched_and_the_reason_comes_last() -> None:
    letter = of_record(Undecodable(_RECORD, "not a block"))

    assert (letter.key, letter.value) == (b"key", b"\xff")
    assert letter.headers == [
        ("kind", b"log"),
        ("kind", b"again"),
        ("promethios.errors.topic", Topic.TELEMETRY.encode()),
        ("promethios.errors.partition", b"2"),
        ("promethios.errors.offset", b"41"),
        ("promethios.errors.stage", b"decode"),
        ("promethios.errors.exception.message", b"not a block"),
    ]


def test_a_row_says_which_table_refused_it() -> None:
    letter = of_row(_RECORD, b'{"seq":"x"}', "agent_logs", "x" * 10_000)

    headers = dict(letter.headers)
    assert letter.value == b'{"seq":"x"}'
    assert headers["promethios.errors.table"] == b"agent_logs"
    assert headers["promethios.errors.stage"] == b"insert"
    assert len(headers["promethios.errors.exception.message"]) == 4096


def test_letters_of_one_record_are_of_one_record() -> None:
    other = FakeRecord(42, b"")
    letters = [
        of_row(_RECORD, b"{}", "t", "x"),
        of_row(_RECORD, b"[]", "t", "x"),
        of_row(other, b"", "t", ""),
    ]
    assert records_of(letters) == 2
    assert records_of([]) == 0


class FakeProducer:
    """The first one fails to send."""

    made: ClassVar[list["FakeProducer"]] = []

    def __init__(self) -> None:
        self.sent: list[bytes | None] = []
        self.stopped = False
        FakeProducer.made.append(self)

    async def start(self) -> None: ...

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, topic: str, *, value: bytes | None, **_: object) -> Any:  # noqa: ANN401 - a future
        if len(FakeProducer.made) == 1:
            raise KafkaConnectionError
        assert topic == Topic.TELEMETRY_DEAD_LETTERS
        self.sent.append(value)
        return _done()


async def _done() -> None: ...


async def test_letters_are_sent_until_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeProducer.made.clear()

    def fake_producer(*_: object, **__: object) -> FakeProducer:
        return FakeProducer()

    monkeypatch.setattr(kafka, "producer", fake_producer)
    letters = DeadLetters(KafkaAddress("nowhere:1"), "test")
    await letters.send([])
    assert FakeProducer.made == []

    await letters.send([DeadLetter(None, b"1", []), DeadLetter(None, b"2", [])])
    await letters.stop()

    first, second = FakeProducer.made
    assert first.stopped
    assert second.sent == [b"1", b"2"]
    assert second.stopped
