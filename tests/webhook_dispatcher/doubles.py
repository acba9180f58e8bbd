"""What an endpoint is given, in memory: a log, a receiver, a journal."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from schemas.webhooks import DeliveryOutcome, WebhookDelivery
from webhook_dispatcher.body import Body
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.event_log import EventLog
from webhook_dispatcher.journal import Journal
from webhook_dispatcher.metrics import WebhookMetrics
from webhook_dispatcher.notification import Notification, Place
from webhook_dispatcher.progress import RetryPolicy
from webhook_dispatcher.ring import Page
from webhook_dispatcher.sender import Sender
from webhook_dispatcher.services import Services
from webhook_dispatcher.verdict import Answer

PLACE = Place("promethios.alerts.v1", 0)
TAKEN = Answer(status=200)


class Sent(NamedTuple):
    """A request that was made."""

    url: str
    headers: Mapping[str, str]
    body: Body


class FakeLog:
    """One partition; `failure` is raised once where it is asked where to begin."""

    def __init__(self, *notifications: Notification) -> None:
        self.notifications = list(notifications)
        self.failure: Exception | None = None
        self._moved = asyncio.Condition()

    async def append(self, notification: Notification) -> None:
        async with self._moved:
            self.notifications.append(notification)
            self._moved.notify_all()

    async def within(self, positions: Mapping[Place, int], _since: int) -> dict[Place, int]:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        return {PLACE: positions.get(PLACE, 0)}

    async def read(self, _place: Place, offset: int) -> Page:
        found = [n for n in self.notifications if n.offset >= offset][:2]
        return Page(found, found[-1].offset + 1 if found else offset)

    async def wait_beyond(self, positions: Mapping[Place, int]) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: any(n.offset >= positions[PLACE] for n in self.notifications))


class FakeSender:
    """Answers as it is told; None never does."""

    def __init__(self, answer: Callable[[Sent], Answer | None] = lambda _: TAKEN) -> None:
        self.answer = answer
        self.sent: list[Sent] = []

    @property
    def ids(self) -> list[str]:
        return [sent.headers["webhook-id"] for sent in self.sent]

    async def post(self, url: str, headers: Mapping[str, str], body: Body) -> Answer:
        self.sent.append(Sent(url, headers, body))
        answer = self.answer(self.sent[-1])
        if answer is None:
            await asyncio.Event().wait()
        # A request is never over at once.
        await asyncio.sleep(0)
        return answer or TAKEN


class FakeJournal:
    """Remembers what is written."""

    def __init__(self) -> None:
        self.deliveries: list[WebhookDelivery] = []
        self.dead: list[Notification] = []
        self.states: dict[str, EndpointState] = {}
        self.forgotten: list[str] = []
        self._moved = asyncio.Condition()

    async def record(
        self, _id: str, _now: int, delivery: WebhookDelivery, notification: Notification | None
    ) -> None:
        self.deliveries.append(delivery)
        if notification is not None and delivery.outcome is DeliveryOutcome.UNDELIVERABLE:
            self.dead.append(notification)

    async def save(self, state: EndpointState) -> None:
        self.states[state.webhook_id] = state
        async with self._moved:
            self._moved.notify_all()

    async def forget(self, webhook_id: str) -> None:
        self.forgotten.append(webhook_id)
        async with self._moved:
            self._moved.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be written."""
        async with asyncio.timeout(60), self._moved:
            await self._moved.wait_for(condition)


class World(NamedTuple):
    """All of it, and as the services that an endpoint takes."""

    log: FakeLog
    sender: FakeSender
    journal: FakeJournal
    services: Services


def world_of(*notifications: Notification, queue: int = 3, give_up: float = 3600) -> World:
    """A world whose pauses are too short to be noticed."""
    log, sender, journal = FakeLog(*notifications), FakeSender(), FakeJournal()
    services = Services(
        log=cast("EventLog", log),
        sender=cast("Sender", sender),
        journal=cast("Journal", journal),
        metrics=WebhookMetrics(),
        policy=RetryPolicy(first=0.001, longest=0.002, give_up=give_up),
        queue=queue,
    )
    return World(log, sender, journal, services)
