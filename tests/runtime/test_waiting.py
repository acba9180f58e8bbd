"""Waiting for the broker and its topics."""

import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from runtime import kafka, waiting
from runtime.settings import KafkaAddress
from runtime.waiting import wait_for_topics

ADDRESS = KafkaAddress("127.0.0.1:1")


class FakeReader:
    """Finds at each connection what comes next in a script: topics, or an error."""

    script: list[set[str] | Exception]
    stopped: int

    async def start(self) -> None:
        """As the consumer does it."""
        if isinstance(self.script[0], Exception):
            raise self.script.pop(0)  # type: ignore[misc] # just checked

    async def topics(self) -> set[str] | Exception:
        """As the consumer does it."""
        return self.script.pop(0)

    async def stop(self) -> None:
        """As the consumer does it."""
        self.stopped += 1


async def test_it_returns_when_all_topics_are_there_and_says_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = FakeReader()
    reader.script = [KafkaConnectionError("away"), {"a"}, {"a", "b", "c"}]
    reader.stopped = 0
    monkeypatch.setattr(kafka, "consumer", lambda *_, **__: reader)
    monkeypatch.setattr(waiting, "_FIRST_PAUSE", 0.001)
    with capture_logs() as logs:
        await wait_for_topics(ADDRESS, ["a", "b"], client_id="test")
    assert [entry["missing"] for entry in logs] == [["127.0.0.1:1: KafkaConnectionError: away"], ["b"]]
    assert reader.stopped == 3
    assert reader.script == []
