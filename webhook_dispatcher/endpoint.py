"""One endpoint: reads the log from where it is, and delivers one notification after the other."""

import asyncio
import contextlib
from collections.abc import Coroutine
from uuid import NAMESPACE_URL, uuid5

import msgspec

from runtime.logging import get_logger
from schemas.timestamps import to_rfc3339
from schemas.webhooks import TEST_TYPE, DeliveryOutcome, Webhook, WebhookDelivery
from webhook_dispatcher.body import body_of, body_of_test
from webhook_dispatcher.endpoint_state import EndpointState, positions_of
from webhook_dispatcher.matching import Filter
from webhook_dispatcher.notification import Notification
from webhook_dispatcher.notification_queue import NotificationQueue
from webhook_dispatcher.progress import (
    Attempt,
    Step,
    after_attempt,
    attempts_of,
    given_up,
    is_open,
    is_overdue,
)
from webhook_dispatcher.services import Services
from webhook_dispatcher.signature import sign
from webhook_dispatcher.verdict import Answer, Verdict, verdict_of

_log = get_logger(__name__)

# How long what is under way may take when the endpoint is stopped, lest it is sent twice.
_GRACE_SECONDS = 3.0
# Progress over events that the webhook is not told of is written down no more often.
_IDLE_SECONDS = 10.0
_TEST_MINUTES = 10


class Endpoint:
    """A webhook as it stands, until it is changed; `state` is what is written down at last."""

    def __init__(self, webhook: Webhook, state: EndpointState | None, services: Services) -> None:
        """Without a state, or with one of an earlier start, it begins at the webhook's `starts_at`."""
        self.webhook = webhook
        self._services = services
        self._filter = Filter(webhook)
        if state is None or state.starts_at != webhook.starts_at:
            tested = "" if state is None else state.tested
            state = EndpointState(webhook.webhook_id, webhook.starts_at, {}, tested=tested)
        self.state = state
        self._queue = NotificationQueue({})
        # A test is recorded beside the rest, and the newest state is to stand last.
        self._recording = asyncio.Lock()

    @property
    def condition(self) -> str:
        """How it is, for people and metrics."""
        if not self.webhook.enabled:
            return "disabled"
        if self.state.gone_at == self.webhook.changed_at:
            return "gone"
        if is_open(self.state):
            return "open"
        return "failing" if self.state.failures else "delivering"

    async def run(self) -> None:
        """Deliver until cancelled; returns only when there is nobody to deliver to.

        Raises:
            aiokafka.errors.KafkaError, TimeoutError: the log cannot be read.
        """
        if not self.webhook.enabled:
            return
        positions = await self._services.log.within(self.state.by_place(), self.webhook.starts_at)
        self._queue = NotificationQueue(positions)
        while self.condition != "gone":
            notification = self._queue.head()
            if notification is None:
                await self._read_on()
            else:
                await self._handle(notification)

    async def test(self) -> None:
        """Send the test event that was asked for, unless that was done or is too long ago; tried once."""
        test = self.webhook.test
        now = self._services.clock()
        if test is None or test.event_id == self.state.tested:
            return
        if now - test.requested_at > _TEST_MINUTES * 60_000:
            return
        self.state = msgspec.structs.replace(self.state, tested=test.event_id)
        body = body_of_test(self.webhook, test)
        answer = await self._services.sender.post(
            self.webhook.url, sign(self.webhook.secrets, test.event_id, now, body.content), body
        )
        is_taken = verdict_of(answer) is Verdict.DELIVERED
        delivery = WebhookDelivery(
            tenant_id=self.webhook.tenant_id,
            agent_id="",
            webhook_id=self.webhook.webhook_id,
            notification_id=test.event_id,
            event_type=TEST_TYPE,
            attempt=1,
            outcome=DeliveryOutcome.DELIVERED if is_taken else DeliveryOutcome.UNDELIVERABLE,
            http_status=answer.status,
            error=answer.error,
            duration_ms=answer.duration_ms,
            retry_at=None,
        )
        await self._record(delivery, None)

    async def _read_on(self) -> None:
        """Fill the queue from all partitions; wait where none goes on."""
        log = self._services.log
        for place, offset in tuple(self._queue.read.items()):
            if len(self._queue) >= self._services.queue:
                return
            page = await log.read(place, offset)
            wanted = [n for n in page.notifications if self._is_told_of(n)]
            self._queue.add(place, wanted, page.next_offset)
        if self._queue.head() is None:
            try:
                async with asyncio.timeout(_IDLE_SECONDS):
                    await log.wait_beyond(self._queue.read)
            except TimeoutError:
                await self._save_positions()

    def _is_told_of(self, notification: Notification) -> bool:
        return notification.timestamp >= self.webhook.starts_at and self._filter.takes(notification)

    async def _handle(self, notification: Notification) -> None:
        """Wait until it may be tried, try it, and write down what came of it."""
        await self._until(self.state.retry_at)
        now = self._services.clock()
        if is_overdue(self.state, notification, now, self._services.policy):
            late = Answer(error=f"given up: the endpoint fails since {to_rfc3339(self.state.failing_since)}")
            attempt = attempts_of(self.state, notification)
            await _finish(self._absorb(notification, given_up(self.state), late, attempt))
        else:
            await _finish(self._attempt(notification))

    async def _attempt(self, notification: Notification) -> None:
        services = self._services
        try:
            body = body_of(notification, self.webhook.body_format)
        except (ValueError, msgspec.MsgspecError) as error:
            answer = Answer(error=f"it cannot be put into this format: {error}")
            await self._absorb(notification, given_up(self.state), answer, attempt=0)
            return
        headers = sign(self.webhook.secrets, notification.event_id, services.clock(), body.content)
        attempt = attempts_of(self.state, notification) + 1
        with services.metrics.attempt_seconds.time():
            answer = await services.sender.post(self.webhook.url, headers, body)
        ended = Attempt(notification, answer, services.clock(), services.jitter())
        step = after_attempt(self.state, ended, services.policy)
        if verdict_of(answer) is Verdict.GONE:
            step = Step(msgspec.structs.replace(step.state, gone_at=self.webhook.changed_at), step.outcome)
        await self._absorb(notification, step, answer, attempt)

    async def _absorb(self, notification: Notification, step: Step, answer: Answer, attempt: int) -> None:
        self._say_what_changes(step.state, answer)
        if step.is_settled:
            self._queue.settle_head()
        self.state = msgspec.structs.replace(
            step.state, positions=positions_of(self._queue.positions()), tested=self.state.tested
        )
        is_gone = self.condition == "gone"
        delivery = WebhookDelivery(
            tenant_id=notification.tenant_id,
            agent_id=notification.agent_id,
            webhook_id=self.webhook.webhook_id,
            notification_id=notification.event_id,
            event_type=notification.event_type,
            attempt=attempt,
            outcome=step.outcome,
            http_status=answer.status,
            error=answer.error,
            duration_ms=answer.duration_ms,
            retry_at=None if step.is_settled or is_gone else to_rfc3339(step.state.retry_at),
        )
        await self._record(delivery, notification)

    async def _record(self, delivery: WebhookDelivery, notification: Notification | None) -> None:
        now = self._services.clock()
        name = f"{delivery.webhook_id}/{delivery.notification_id}/{now}/{delivery.attempt}"
        delivery_id = str(uuid5(NAMESPACE_URL, name))
        async with self._recording:
            await self._services.journal.record(delivery_id, now, delivery, notification)
            await self._services.journal.save(self.state)
        metrics = self._services.metrics
        metrics.attempts.labels(delivery.outcome.value).inc()
        if notification is None:
            return
        if delivery.outcome is DeliveryOutcome.DELIVERED:
            metrics.delivered_age.observe(max(0, now - notification.timestamp) / 1000)
        elif delivery.outcome is DeliveryOutcome.UNDELIVERABLE:
            metrics.undeliverable.inc()

    async def _save_positions(self) -> None:
        positions = positions_of(self._queue.positions())
        if positions != self.state.positions:
            async with self._recording:
                self.state = msgspec.structs.replace(self.state, positions=positions)
                await self._services.journal.save(self.state)

    async def _until(self, moment_ms: int) -> None:
        while (left := moment_ms - self._services.clock()) > 0:  # noqa: ASYNC110 - clocks have no event
            await asyncio.sleep(left / 1000)

    def _say_what_changes(self, state: EndpointState, answer: Answer) -> None:
        facts = {"webhook": self.webhook.webhook_id, "tenant": self.webhook.tenant_id}
        if is_open(state) and not is_open(self.state):
            _log.warning("webhook_circuit_opened", status=answer.status, reason=answer.error, **facts)
        elif is_open(self.state) and not is_open(state):
            _log.info("webhook_circuit_closed", **facts)


async def _finish(work: Coroutine[None, None, None]) -> None:
    """Do work that is not broken off at once when the caller is cancelled."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_SECONDS):
                await asyncio.gather(task, return_exceptions=True)
        raise
