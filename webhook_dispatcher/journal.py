"""Writes down what became of notifications: each attempt, the dead letters, and how far an endpoint is."""

from collections.abc import Sequence

import msgspec
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from runtime.logging import get_logger
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.dead_letters import HEADER_WEBHOOK, Origin, Stage, dead_letter_headers
from schemas.identity import partition_of
from schemas.timestamps import to_rfc3339
from schemas.topics import Topic
from schemas.webhooks import DeliveryOutcome, WebhookDelivery
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.notification import Notification

_log = get_logger(__name__)
_LONGEST_WAIT_SECONDS = 5.0

_encode = msgspec.json.Encoder().encode


class Journal:
    """Returns when all is acknowledged, however long the broker is away."""

    def __init__(self, producer: RestartingProducer, partitions: int) -> None:
        """`partitions` are those of the state topic."""
        self._producer = producer
        self._partitions = partitions

    async def record(
        self,
        delivery_id: str,
        now_ms: int,
        delivery: WebhookDelivery,
        notification: Notification | None,
    ) -> None:
        """Write an attempt; `save` comes after it, so that nothing counts as settled before.

        A notification that is undeliverable becomes a dead letter with its bytes untouched; None for a test.
        """
        records = [_delivery_record(delivery_id, now_ms, delivery)]
        if notification is not None and delivery.outcome is DeliveryOutcome.UNDELIVERABLE:
            records.append(_dead_letter(notification, delivery))
        await self._send(records)

    async def save(self, state: EndpointState) -> None:
        """Write how far an endpoint is."""
        await self._send([self._state_record(state.webhook_id, _encode(state))])

    async def forget(self, webhook_id: str) -> None:
        """Remove the state of an endpoint that is no more."""
        await self._send([self._state_record(webhook_id, None)])

    def _state_record(self, webhook_id: str, value: bytes | None) -> OutgoingRecord:
        partition = partition_of(webhook_id, self._partitions)
        return OutgoingRecord(Topic.WEBHOOK_STATE, value, webhook_id.encode(), [], partition)

    async def _send(self, records: Sequence[OutgoingRecord]) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(KafkaError),
            wait=wait_random_exponential(multiplier=0.2, max=_LONGEST_WAIT_SECONDS),
            before_sleep=_say_that_it_waits,
        ):
            with attempt:
                await self._producer.send_all(records)


def _delivery_record(delivery_id: str, now_ms: int, delivery: WebhookDelivery) -> OutgoingRecord:
    headers = [("ce_id", delivery_id.encode()), ("ce_time", to_rfc3339(now_ms).encode())]
    return OutgoingRecord(Topic.WEBHOOK_DELIVERIES, _encode(delivery), delivery.webhook_id.encode(), headers)


def _dead_letter(notification: Notification, delivery: WebhookDelivery) -> OutgoingRecord:
    origin = Origin(notification.place.topic, notification.place.partition, notification.offset)
    reason = delivery.error or f"HTTP status {delivery.http_status}"
    headers = dead_letter_headers(list(notification.headers.items()), origin, Stage.DELIVERY, reason)
    headers.append((HEADER_WEBHOOK, delivery.webhook_id.encode()))
    return OutgoingRecord(Topic.WEBHOOK_DEAD_LETTERS, notification.value, notification.key, headers)


def _say_that_it_waits(state: RetryCallState) -> None:
    _log.warning("journal_waits", attempt=state.attempt_number, reason=repr(state.outcome))
