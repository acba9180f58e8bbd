"""Each webhook has one endpoint, where its partition is owned; one's trouble is not the others'."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable

import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from schemas.identity import partition_of
from schemas.webhooks import Webhook, WebhookTest
from tests.webhook_dispatcher.doubles import PLACE, TAKEN, World, world_of
from tests.webhook_dispatcher.samples import WEBHOOK, notification_of, webhook_with
from webhook_dispatcher import endpoints as module
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.endpoints import Endpoints
from webhook_dispatcher.progress import RetryPolicy
from webhook_dispatcher.services import now_ms
from webhook_dispatcher.verdict import Answer

PARTITIONS = 4
MINE = partition_of(WEBHOOK.webhook_id, PARTITIONS)
EVENTS = [notification_of(offset=offset) for offset in range(3)]
IDS = [event.event_id for event in EVENTS]


@pytest.fixture
async def world() -> World:
    return world_of(*EVENTS)


@pytest.fixture
async def endpoints(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endpoints]:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    endpoints = Endpoints(world.services, PARTITIONS)
    yield endpoints
    await endpoints.disown(range(PARTITIONS))


async def delivered(world: World, count: int) -> None:
    await world.journal.until(lambda: len(world.journal.deliveries) >= count)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - of what makes no noise
            await asyncio.sleep(0.001)


def conditions(world: World, endpoints: Endpoints) -> dict[str, float]:
    endpoints.count()
    (family,) = world.services.metrics.endpoints.collect()
    return {sample.labels["condition"]: sample.value for sample in family.samples}


async def test_a_webhook_is_served_once_its_partition_is_owned(world: World, endpoints: Endpoints) -> None:
    endpoints.apply(WEBHOOK)
    assert conditions(world, endpoints) == {}
    endpoints.own(MINE, {"w1": EndpointState("w1", WEBHOOK.starts_at, {PLACE.topic: {0: 1}})})
    await delivered(world, 2)
    assert world.sender.ids == IDS[1:]
    assert conditions(world, endpoints) == {"delivering": 1}
    await endpoints.disown([MINE])
    assert conditions(world, endpoints) == {}


async def test_a_partition_of_others_is_not_served(world: World, endpoints: Endpoints) -> None:
    endpoints.own((MINE + 1) % PARTITIONS, {})
    endpoints.apply(WEBHOOK)
    await asyncio.sleep(0)
    assert conditions(world, endpoints) == {}


async def test_a_webhook_that_is_made_later_is_served_at_once(world: World, endpoints: Endpoints) -> None:
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await delivered(world, 3)


async def test_a_change_counts_from_then_on(world: World, endpoints: Endpoints) -> None:
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await delivered(world, 3)
    endpoints.apply(webhook_with(url="https://elsewhere.example", changed_at=2))
    await until(lambda: endpoints._runners["w1"]._endpoint.webhook.changed_at == 2)
    await world.log.append(notification_of(offset=3))
    await delivered(world, 4)
    assert [sent.url for sent in world.sender.sent] == [WEBHOOK.url] * 3 + ["https://elsewhere.example"]
    endpoints.apply(webhook_with(enabled=False, changed_at=3))
    await until(lambda: conditions(world, endpoints) == {"disabled": 1})


async def test_a_change_ends_a_pause(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhook_dispatcher.endpoint._GRACE_SECONDS", 0.01)
    patient = dataclasses.replace(world.services, policy=RetryPolicy(first=1000, longest=1000, give_up=9e9))
    endpoints = Endpoints(patient, PARTITIONS)
    world.sender.answer = lambda sent: Answer(status=500) if sent.url == WEBHOOK.url else TAKEN
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await delivered(world, 1)
    endpoints.apply(webhook_with(url="https://mended.example", changed_at=2))
    await delivered(world, 4)
    assert world.sender.ids == [IDS[0], *IDS]
    await endpoints.disown([MINE])


async def test_a_hanging_request_does_not_keep_a_change_from_counting(
    world: World, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhook_dispatcher.endpoint._GRACE_SECONDS", 0.01)
    world.sender.answer = lambda sent: None if sent.url == WEBHOOK.url else TAKEN
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await until(lambda: bool(world.sender.sent))
    endpoints.apply(webhook_with(url="https://elsewhere.example", changed_at=2))
    await delivered(world, 3)


async def test_a_test_disturbs_nothing(world: World, endpoints: Endpoints) -> None:
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await delivered(world, 3)
    runner = endpoints._runners["w1"]
    running = runner._endpoint
    endpoints.apply(webhook_with(test=WebhookTest("t1", now_ms())))
    await delivered(world, 4)
    assert world.sender.ids == [*IDS, "t1"]
    assert runner._endpoint is running


async def test_a_deleted_one_ends_and_is_forgotten(world: World, endpoints: Endpoints) -> None:
    endpoints.own(MINE, {})
    endpoints.apply(WEBHOOK)
    await delivered(world, 3)
    endpoints.apply(webhook_with(deleted_at=5, url="", secrets=(), enabled=False))
    await world.journal.until(lambda: world.journal.forgotten == ["w1"])
    assert conditions(world, endpoints) == {}


async def test_one_that_was_deleted_meanwhile_is_forgotten_too(world: World, endpoints: Endpoints) -> None:
    endpoints.apply(webhook_with(deleted_at=5, url="", secrets=(), enabled=False))
    endpoints.own(MINE, {"w1": EndpointState("w1", 1, {})})
    await world.journal.until(lambda: world.journal.forgotten == ["w1"])
    assert world.sender.sent == []


@pytest.mark.parametrize(
    ("failure", "event"),
    [(KafkaConnectionError("away"), "webhook_waits_for_kafka"), (KeyError("ours"), "webhook_failed")],
    ids=["kafka", "ours"],
)
async def test_an_endpoint_that_fails_begins_anew(
    world: World, endpoints: Endpoints, failure: Exception, event: str
) -> None:
    world.log.failure = failure
    with capture_logs() as logs:
        endpoints.own(MINE, {})
        endpoints.apply(WEBHOOK)
        await delivered(world, 3)
    assert [entry["event"] for entry in logs if entry["log_level"] != "info"] == [event]
    assert world.sender.ids == IDS


async def test_one_that_hangs_delays_no_other(
    world: World, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webhook_dispatcher.endpoint._GRACE_SECONDS", 0.01)
    world.sender.answer = lambda sent: None if sent.url == WEBHOOK.url else TAKEN
    others: list[Webhook] = [webhook_with(webhook_id=f"x{n}", url="https://well.example") for n in range(5)]
    for partition in range(PARTITIONS):
        endpoints.own(partition, {})
    for webhook in (WEBHOOK, *others):
        endpoints.apply(webhook)
    await delivered(world, 15)
    assert {d.webhook_id for d in world.journal.deliveries} == {webhook.webhook_id for webhook in others}
