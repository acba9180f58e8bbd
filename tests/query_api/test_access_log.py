"""An access is an event on its topic, and there is no reading without one."""

import asyncio
from collections.abc import Iterable
from typing import cast

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from query_api import access_log, errors
from query_api.access_log import AccessLog
from runtime.problems import ProblemError
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.accesses import Access, AccessAction, ActorKind
from schemas.topics import Topic

ACCESS = Access("acme", "scout", ActorKind.OPERATOR, "ada", AccessAction.LOG_SEARCH, "{}", "192.0.2.1", 3)


class FakeProducer:
    """Acknowledges, fails, or hangs."""

    def __init__(self, error: Exception | None = None, *, hangs: bool = False) -> None:
        self.error = error
        self._hangs = hangs
        self.sent: list[OutgoingRecord] = []

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        if self.error is not None:
            raise self.error
        if self._hangs:
            await asyncio.Event().wait()
        self.sent += records
        return []


def log_of(producer: FakeProducer) -> AccessLog:
    return AccessLog(cast("RestartingProducer", producer), record_seconds=0.05)


async def test_an_access_is_an_event_of_its_tenant() -> None:
    producer = FakeProducer()
    log = log_of(producer)
    await log.record(ACCESS)
    await log.record(ACCESS)
    first, second = producer.sent
    assert (first.topic, first.key) == (Topic.ACCESSES, b"acme")
    assert msgspec.json.decode(first.value or b"", type=Access) == ACCESS
    assert dict(first.headers).keys() == {"ce_id", "ce_time"}
    assert dict(first.headers)["ce_id"] != dict(second.headers)["ce_id"]


@pytest.mark.parametrize("producer", [FakeProducer(KafkaConnectionError("away")), FakeProducer(hangs=True)])
async def test_a_read_that_cannot_be_recorded_is_refused(producer: FakeProducer) -> None:
    with pytest.raises(ProblemError) as refused:
        await log_of(producer).record(ACCESS)
    assert refused.value.kind is errors.AUDIT_AWAY


async def test_the_end_of_a_read_is_kept_until_the_broker_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "_AGAIN_SECONDS", 0.01)
    producer = FakeProducer(KafkaConnectionError("away"))
    log = log_of(producer)
    log.record_later(ACCESS)
    await asyncio.sleep(0.03)
    assert producer.sent == []
    producer.error = None
    await log.close(5)
    assert len(producer.sent) == 1


async def test_what_cannot_be_kept_any_longer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "_MOST_KEPT", 1)
    producer = FakeProducer(hangs=True)
    log = log_of(producer)
    with capture_logs() as said:
        log.record_later(ACCESS)
        log.record_later(ACCESS)
        await asyncio.sleep(0)
        await log.close(0.01)
    assert [entry["event"] for entry in said] == ["access_not_recorded", "access_not_recorded"]
