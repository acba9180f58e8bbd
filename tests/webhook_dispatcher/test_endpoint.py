"""An endpoint delivers in order, tries again, gives up, stops when told to, and goes on where it was."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook as StockWebhook

from schemas.webhooks import BodyFormat, DeliveryOutcome, Webhook, WebhookTest
from tests.webhook_dispatcher.doubles import PLACE, TAKEN, World, world_of
from tests.webhook_dispatcher.samples import ALERT, NOW, SECRET, WEBHOOK, notification_of, webhook_with
from webhook_dispatcher.body import Body
from webhook_dispatcher.endpoint import Endpoint
from webhook_dispatcher.endpoint_state import EndpointState
from webhook_dispatcher.services import now_ms
from webhook_dispatcher.verdict import Answer

EVENTS = [notification_of(offset=offset) for offset in range(7)]
IDS = [event.event_id for event in EVENTS]


@asynccontextmanager
async def running(
    world: World, webhook: Webhook = WEBHOOK, state: EndpointState | None = None
) -> AsyncIterator[Endpoint]:
    endpoint = Endpoint(webhook, state, world.services)
    task = asyncio.create_task(endpoint.run())
    try:
        yield endpoint
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def position(world: World) -> int:
    state = world.journal.states.get(WEBHOOK.webhook_id)
    return 0 if state is None else state.by_place().get(PLACE, 0)


async def test_events_are_delivered_in_order_signed_and_written_down() -> None:
    world = world_of(*EVENTS)
    async with running(world) as endpoint:
        await world.journal.until(lambda: position(world) == 7)
        assert endpoint.condition == "delivering"
    assert world.sender.ids == IDS
    for sent in world.sender.sent:
        StockWebhook(SECRET).verify(sent.body.content, dict(sent.headers))
    assert [d.outcome for d in world.journal.deliveries] == [DeliveryOutcome.DELIVERED] * 7
    assert [d.attempt for d in world.journal.deliveries] == [1] * 7


async def test_what_comes_later_is_delivered_too_and_what_is_not_asked_for_is_not() -> None:
    world = world_of()
    other = notification_of(msgspec.structs.replace(ALERT, tenant_id="other"), offset=0)
    early = notification_of(offset=1, timestamp=NOW - 1)
    async with running(world, webhook_with(starts_at=NOW)):
        for event in (other, early, EVENTS[2]):
            await world.log.append(event)
        await world.journal.until(lambda: position(world) == 3)
    assert world.sender.ids == [IDS[2]]


async def test_a_failure_is_tried_again_before_anything_else() -> None:
    world = world_of(*EVENTS[:2])
    answers = [Answer(status=500), Answer(error="no answer within 15 s"), Answer(status=302), TAKEN, TAKEN]
    world.sender.answer = lambda _: answers.pop(0)
    async with running(world):
        await world.journal.until(lambda: position(world) == 2)
    assert world.sender.ids == [IDS[0]] * 4 + [IDS[1]]
    assert [(d.attempt, d.http_status) for d in world.journal.deliveries] == [
        *((1, 500), (2, 0), (3, 302), (4, 200)),
        (1, 200),
    ]
    assert [d.retry_at is not None for d in world.journal.deliveries] == [True] * 3 + [False] * 2
    assert len({sent.headers["webhook-signature"] for sent in world.sender.sent}) >= 1


async def test_after_a_restart_it_goes_on_with_the_same_notification_and_its_attempts() -> None:
    world = world_of(*EVENTS)
    world.sender.answer = lambda sent: TAKEN if sent.headers["webhook-id"] in IDS[:3] else Answer(status=500)
    async with running(world):
        await world.journal.until(lambda: any(d.attempt == 2 for d in world.journal.deliveries))
    kept = msgspec.json.decode(msgspec.json.encode(world.journal.states["w1"]), type=EndpointState)
    assert kept.by_place()[PLACE] == 3
    again = world_of(*EVENTS)
    async with running(again, state=kept):
        await again.journal.until(lambda: position(again) == 7)
    assert again.sender.ids == IDS[3:]
    assert again.journal.deliveries[0].attempt >= 3


async def test_a_state_of_an_earlier_start_does_not_count() -> None:
    world = world_of(*EVENTS)
    state = EndpointState("w1", WEBHOOK.starts_at - 1, {PLACE.topic: {0: 5}}, failures=9, tested="t0")
    async with running(world, state=state) as endpoint:
        await world.journal.until(lambda: position(world) == 7)
        assert endpoint.state.tested == "t0"
    assert world.sender.ids == IDS


async def test_what_fails_too_long_becomes_a_dead_letter() -> None:
    world = world_of(*EVENTS[:2], give_up=0)
    world.sender.answer = lambda _: Answer(status=503)
    async with running(world):
        await world.journal.until(lambda: position(world) == 2)
    assert [n.event_id for n in world.journal.dead] == IDS[:2]
    last = world.journal.deliveries[-1]
    # The endpoint fails for too long already: the second one is not even tried.
    assert (last.attempt, last.outcome, last.http_status) == (0, DeliveryOutcome.UNDELIVERABLE, 0)
    assert last.error.startswith("given up: the endpoint fails since 2")
    assert len(world.sender.sent) == 1


async def test_what_cannot_be_put_into_words_becomes_a_dead_letter_and_holds_nobody_up() -> None:
    odd = dataclasses.replace(EVENTS[0], value=b'{"tenant_id":"acme"}')
    world = world_of(odd, EVENTS[1])
    async with running(world, webhook_with(body_format=BodyFormat.SLACK)):
        await world.journal.until(lambda: position(world) == 2)
    assert world.sender.ids == [IDS[1]]
    assert world.journal.dead == [odd]
    assert "cannot be put into this format" in world.journal.deliveries[0].error


async def test_an_endpoint_that_is_gone_is_asked_no_more_until_it_is_changed() -> None:
    world = world_of(*EVENTS)
    world.sender.answer = lambda _: Answer(status=410)
    endpoint = Endpoint(WEBHOOK, None, world.services)
    await endpoint.run()
    assert endpoint.condition == "gone"
    assert len(world.sender.sent) == 1
    assert world.journal.deliveries[0].retry_at is None
    again = Endpoint(WEBHOOK, world.journal.states["w1"], world.services)
    await again.run()
    assert len(world.sender.sent) == 1
    world.sender.answer = lambda _: TAKEN
    async with running(world, webhook_with(changed_at=2), world.journal.states["w1"]):
        await world.journal.until(lambda: position(world) == 7)


async def test_a_disabled_one_hears_nothing() -> None:
    world = world_of(*EVENTS)
    endpoint = Endpoint(webhook_with(enabled=False), None, world.services)
    await endpoint.run()
    assert endpoint.condition == "disabled"
    assert world.sender.sent == []


async def test_failing_endpoints_are_told_from_well_ones() -> None:
    world = world_of(*EVENTS)
    world.sender.answer = lambda _: Answer(status=500)
    async with running(world) as endpoint:
        await world.journal.until(lambda: endpoint.state.failures >= 1)
        assert endpoint.condition in {"failing", "open"}
        await world.journal.until(lambda: endpoint.state.failures >= 5)
        assert endpoint.condition == "open"


async def test_what_is_under_way_when_it_is_stopped_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(EVENTS[0])
    let_go = asyncio.Event()
    post = world.sender.post

    async def slow(url: str, headers: Mapping[str, str], body: Body) -> Answer:
        await let_go.wait()
        return await post(url, headers, body)

    monkeypatch.setattr(world.sender, "post", slow)
    task = asyncio.create_task(Endpoint(WEBHOOK, None, world.services).run())
    await asyncio.sleep(0.01)
    task.cancel()
    asyncio.get_running_loop().call_later(0.01, let_go.set)
    await asyncio.gather(task, return_exceptions=True)
    assert position(world) == 1


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(TAKEN, DeliveryOutcome.DELIVERED), (Answer(status=500), DeliveryOutcome.UNDELIVERABLE)],
    ids=["taken", "failed"],
)
async def test_a_test_event_is_sent_once(answer: Answer, outcome: DeliveryOutcome) -> None:
    world = world_of()
    world.sender.answer = lambda _: answer
    tested = webhook_with(test=WebhookTest("t1", now_ms()))
    endpoint = Endpoint(tested, None, world.services)
    for _ in range(2):
        await endpoint.test()
    [sent], [delivery] = world.sender.sent, world.journal.deliveries
    assert json.loads(sent.body.content)["id"] == "t1"
    assert (delivery.notification_id, delivery.outcome, delivery.attempt) == ("t1", outcome, 1)
    assert world.journal.dead == []
    assert world.journal.states["w1"].tested == "t1"


async def test_a_test_that_is_wanted_no_more_is_not_sent() -> None:
    world = world_of()
    for webhook in (WEBHOOK, webhook_with(test=WebhookTest("t1", now_ms() - 3_600_000))):
        await Endpoint(webhook, None, world.services).test()
    assert world.sender.sent == []
