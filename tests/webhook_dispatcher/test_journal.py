"""What is written down: attempts as events, dead letters untouched, states on their partition."""

from collections.abc import Iterable
from typing import cast

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas import dead_letters
from schemas.identity import partition_of
from schemas.topics import Topic
from schemas.webhooks import DeliveryOutcome, WebhookDelivery
from tests.webhook_dispatcher.samples import AT, NOW, TENANT, notification_of
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.journal import Journal

STATE = EndpointState("w1", 1, {"a.v1": {0: 5}})


class FakeProducer:
    """Fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self._failures = failures
        self.sent: list[OutgoingRecord] = []

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        if self._failures:
            self._failures -= 1
            raise KafkaConnectionError("away")
        self.sent += records
        return []


def journal_of(producer: FakeProducer) -> Journal:
    return Journal(cast("RestartingProducer", producer), 4)


def delivery(outcome: DeliveryOutcome, error: str = "") -> WebhookDelivery:
    return WebhookDelivery(TENANT, "scout", "w1", "e1", "type", 1, outcome, 500, error, 7, None)


@pytest.mark.parametrize("outcome", [DeliveryOutcome.DELIVERED, DeliveryOutcome.FAILED])
async def test_an_attempt_is_an_event(outcome: DeliveryOutcome) -> None:
    producer = FakeProducer()
    await journal_of(producer).record("d1", NOW, delivery(outcome), notification_of())
    [record] = producer.sent
    assert (record.topic, record.key) == (Topic.WEBHOOK_DELIVERIES, b"w1")
    assert dict(record.headers) == {"ce_id": b"d1", "ce_time": AT.encode()}
    assert msgspec.json.decode(record.value or b"", type=WebhookDelivery) == delivery(outcome)


@pytest.mark.parametrize(("error", "reason"), [("", b"HTTP status 500"), ("timeout", b"timeout")])
async def test_what_is_given_up_is_a_dead_letter_too(error: str, reason: bytes) -> None:
    producer, notification = FakeProducer(), notification_of(offset=9, partition=2, event_id="e1")
    await journal_of(producer).record("d1", NOW, delivery(DeliveryOutcome.UNDELIVERABLE, error), notification)
    _, letter = producer.sent
    assert (letter.topic, letter.value) == (Topic.WEBHOOK_DEAD_LETTERS, notification.value)
    headers = dict(letter.headers)
    assert headers["ce_id"] == b"e1"
    assert headers[dead_letters.HEADER_TOPIC] == b"promethios.alerts.v1"
    assert headers[dead_letters.HEADER_PARTITION] == b"2"
    assert headers[dead_letters.HEADER_OFFSET] == b"9"
    assert headers[dead_letters.HEADER_STAGE] == b"delivery"
    assert headers[dead_letters.HEADER_REASON] == reason
    assert headers[dead_letters.HEADER_WEBHOOK] == b"w1"


async def test_a_test_that_failed_is_no_dead_letter() -> None:
    producer = FakeProducer()
    await journal_of(producer).record("d1", NOW, delivery(DeliveryOutcome.UNDELIVERABLE), None)
    assert len(producer.sent) == 1


async def test_states_stand_on_the_webhooks_partition_until_they_are_forgotten() -> None:
    producer = FakeProducer()
    journal = journal_of(producer)
    await journal.save(STATE)
    await journal.forget("w1")
    assert [(r.topic, r.key, r.partition) for r in producer.sent] == [
        (Topic.WEBHOOK_STATE, b"w1", partition_of("w1", 4))
    ] * 2
    assert msgspec.json.decode(producer.sent[0].value or b"", type=EndpointState) == STATE
    assert producer.sent[1].value is None


async def test_it_is_tried_until_the_broker_is_back() -> None:
    producer = FakeProducer(failures=2)
    with capture_logs() as logs:
        await journal_of(producer).save(STATE)
    assert len(producer.sent) == 1
    assert [entry["event"] for entry in logs] == ["journal_waits"] * 2
