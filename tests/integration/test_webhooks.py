"""The dispatcher on a real broker and to a real HTTP server: from the subscription to the signed request."""

import contextlib
import itertools
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from standardwebhooks.webhooks import Webhook as StockWebhook

from infra.kafka.topics import ensure_topics
from runtime.settings import KafkaAddress
from schemas.dead_letters import HEADER_REASON, HEADER_WEBHOOK
from schemas.derived import Alert
from schemas.identity import partition_of
from schemas.topics import Topic
from schemas.webhooks import DeliveryOutcome, Webhook, WebhookDelivery, WebhookTest
from tests.embedded_broker import EmbeddedBroker
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import PARTITIONS
from tests.integration.webhook_process import Feed, WebhookProcess, feeding, next_millisecond, records_of
from tests.webhook_dispatcher.receiver import OK, Receiver, receiving, status
from webhook_dispatcher.services import now_ms

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]


@pytest.fixture
def dispatcher(topics: KafkaAddress, tmp_path: Path) -> Iterator[WebhookProcess]:
    """Not started yet."""
    process = WebhookProcess(topics, tmp_path, instance="webhooks")
    yield process
    process.kill()


@pytest.fixture
async def feed(topics: KafkaAddress) -> AsyncIterator[Feed]:
    async with feeding(topics) as feed:
        yield feed


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def has(receiver: Receiver, ids: list[str]) -> None:
    async def came() -> bool:
        return set(ids) <= set(receiver.ids)

    await until(f"{len(ids)} notifications at the receiver", came)


async def test_an_alert_becomes_a_signed_request(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver
) -> None:
    dispatcher.start()
    webhook = await feed.put(feed.webhook(receiver.url))
    [event_id] = await feed.alerts(1)
    await has(receiver, [event_id])
    [request] = receiver.requests
    event = StockWebhook(webhook.secrets[0].secret).verify(request.body, request.headers)
    assert event["id"] == request.id == event_id
    assert event["type"] == "io.promethios.alert.changed.v1"
    assert event["data"]["rule"] == "trust-drop"
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert json.loads(request.body) == event
    await dispatcher.ready()
    assert await dispatcher.stop() == 0, dispatcher.log
    assert webhook.secrets[0].secret not in dispatcher.log


async def test_endpoints_that_hang_fail_or_redirect_to_private_addresses_delay_no_other(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver
) -> None:
    """Two hundred alerts for each of four endpoints; to the well one they come in order, each once."""
    async with (
        receiving(lambda _: None) as hanging,
        receiving(lambda _: status(500)) as broken,
        receiving(lambda _: status(302, "Location: http://169.254.169.254/latest")) as redirecting,
    ):
        dispatcher.start(webhooks_timeout_seconds="300", webhooks_queue="10")
        await dispatcher.ready()
        for bad in (hanging, broken, redirecting, receiver):
            await feed.put(feed.webhook(bad.url))
        ids = await feed.alerts(200)
        await has(receiver, ids)
        assert receiver.ids == ids
        for bad in (hanging, broken, redirecting):
            await has(bad, ids[:1])
        # The one request that hangs has done so all the time.
        assert hanging.ids == ids[:1]
        # In order, so that nobody hears of the second before the first was taken.
        assert set(broken.ids) == set(redirecting.ids) == {ids[0]}

        async def broken_is_told_again() -> bool:
            return len(broken.ids) > 2

        await until("another attempt", broken_is_told_again)
        broken.answer = lambda _: OK
        await has(broken, ids)
        first = broken.ids.count(ids[0])
        assert broken.ids == [ids[0]] * first + ids[1:]


async def test_nothing_is_lost_by_kills_and_what_was_taken_hardly_comes_again(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver
) -> None:
    dispatcher.start()
    await feed.put(feed.webhook(receiver.url))
    expected: list[str] = []
    for _ in range(2):
        before = len(receiver.requests)
        expected += await feed.alerts(60)

        async def some_came(before: int = before) -> bool:
            return len(receiver.requests) > before + 10

        await until("some notifications", some_came)
        dispatcher.kill()
        expected += await feed.alerts(5)
        dispatcher.start()
    await has(receiver, expected)
    first_times = list(dict.fromkeys(receiver.ids))
    assert first_times == expected
    # With each kill at most what was under way.
    assert len(receiver.ids) - len(expected) <= 2


async def test_what_is_never_taken_is_a_dead_letter_with_its_attempts_logged(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver, topics: KafkaAddress
) -> None:
    receiver.answer = lambda request: status(422) if request.id == refused else OK
    refused = ""
    dispatcher.start()
    await dispatcher.ready()
    webhook = await feed.put(feed.webhook(receiver.url))
    [refused] = await feed.alerts(1)
    [taken] = await feed.alerts(1)
    await has(receiver, [refused, taken])
    assert receiver.ids == [refused] * 5 + [taken]

    async def logged() -> list[WebhookDelivery]:
        records = await records_of(topics, Topic.WEBHOOK_DELIVERIES)
        found = (msgspec.json.decode(record.value, type=WebhookDelivery) for record in records)
        return [delivery for delivery in found if delivery.webhook_id == webhook.webhook_id]

    async def all_logged() -> bool:
        return len(await logged()) == 6

    await until("all attempts in the log", all_logged)
    assert [(d.notification_id, d.attempt, d.outcome) for d in await logged()] == [
        *((refused, attempt, DeliveryOutcome.FAILED) for attempt in range(1, 5)),
        (refused, 5, DeliveryOutcome.UNDELIVERABLE),
        (taken, 1, DeliveryOutcome.DELIVERED),
    ]
    letters = {dict(r.headers)["ce_id"]: r for r in await records_of(topics, Topic.WEBHOOK_DEAD_LETTERS)}
    letter = letters[refused.encode()]
    assert dict(letter.headers)[HEADER_WEBHOOK] == webhook.webhook_id.encode()
    assert msgspec.json.decode(letter.value, type=Alert) == feed.alert()


async def test_a_webhook_of_old_hears_of_its_start_and_a_test_comes_beside_the_queue(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver
) -> None:
    before = await feed.alerts(3)
    await next_millisecond()
    webhook = feed.webhook(receiver.url)
    since = await feed.alerts(2)
    # It is heard of only after the events that it is told of.
    await feed.put(webhook)
    dispatcher.start()
    await has(receiver, since)
    assert receiver.ids == since
    receiver.answer = lambda request: OK if request.id == "t1" else None
    await feed.alerts(1)
    await feed.put(msgspec.structs.replace(webhook, test=WebhookTest("t1", now_ms())))
    await has(receiver, ["t1"])
    receiver.answer = lambda _: OK
    assert set(before).isdisjoint(receiver.ids)


async def test_private_addresses_are_refused_unless_they_are_named(
    dispatcher: WebhookProcess, feed: Feed, receiver: Receiver, topics: KafkaAddress
) -> None:
    dispatcher.start(outgoing_networks="10.0.0.0/8", webhooks_give_up_seconds="0.001")
    await dispatcher.ready()
    urls = [
        receiver.url,
        f"https://localhost:{receiver.port}/",
        f"https://[::ffff:127.0.0.1]:{receiver.port}/",
    ]
    webhooks = [await feed.put(feed.webhook(url)) for url in urls]
    await feed.alerts(2)

    async def reasons() -> dict[str, str]:
        records = await records_of(topics, Topic.WEBHOOK_DEAD_LETTERS)
        headers = [dict(record.headers) for record in records]
        return {h[HEADER_WEBHOOK].decode(): h[HEADER_REASON].decode() for h in headers}

    async def all_given_up() -> bool:
        return {webhook.webhook_id for webhook in webhooks} <= set(await reasons())

    await until("dead letters", all_given_up)
    assert receiver.connections == 0

    async def both_are_said() -> bool:
        # Written down beside the dead letters, not before them.
        text = " ".join(delivery.error for delivery in await deliveries_of(topics, webhooks))
        return "not one of the own networks" in text and "not public" in text

    await until("both reasons in the log of deliveries", both_are_said)


async def deliveries_of(topics: KafkaAddress, webhooks: list[Webhook]) -> list[WebhookDelivery]:
    ids = {webhook.webhook_id for webhook in webhooks}
    records = await records_of(topics, Topic.WEBHOOK_DELIVERIES)
    found = (msgspec.json.decode(record.value, type=WebhookDelivery) for record in records)
    return [delivery for delivery in found if delivery.webhook_id in ids]


def id_in_partition(partition: int) -> str:
    candidates = (str(uuid.uuid4()) for _ in itertools.count())
    return next(found for found in candidates if partition_of(found, PARTITIONS) == partition)


async def test_two_processes_share_the_webhooks_and_one_takes_over(
    feed: Feed, topics: KafkaAddress, tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        receivers = [await stack.enter_async_context(receiving()) for _ in range(8)]
        processes = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            process = WebhookProcess(topics, tmp_path / name, instance=None)
            stack.callback(process.kill)
            process.start()
            processes.append(process)
        for number, receiver in enumerate(receivers):
            await feed.put(feed.webhook(receiver.url, webhook_id=id_in_partition(number % PARTITIONS)))
        first = await feed.alerts(5)
        for receiver in receivers:
            await has(receiver, first)
        for process in processes:

            async def serves_some(process: WebhookProcess = process) -> bool:
                # Other tests have left some.
                return sum(v for _, v in await process.samples("promethios_webhooks_endpoints")) >= 4

            await until("half of the webhooks at each", serves_some)
        assert await processes[0].stop() == 0
        second = await feed.alerts(5)
        for receiver in receivers:
            await has(receiver, second)
            assert list(dict.fromkeys(receiver.ids)) == first + second


async def test_it_goes_on_by_itself_when_the_broker_is_back(tmp_path: Path, receiver: Receiver) -> None:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    process = WebhookProcess(broker.address, tmp_path, instance="webhooks")
    try:
        await ensure_topics(broker.address, PARTITIONS)
        async with feeding(broker.address) as feed:
            process.start()
            await feed.put(feed.webhook(receiver.url))
            before = await feed.alerts(3)
            await has(receiver, before)
            # It is tried all the time: what comes of it cannot be written down while Kafka is away.
            receiver.answer = lambda _: status(500)
            [during] = await feed.alerts(1)
            await has(receiver, [during])
            broker.kill()
            broker.start()
            receiver.answer = lambda _: OK
            after = await feed.alerts(3)
            await has(receiver, [during, *after])
            await process.ready()
            assert list(dict.fromkeys(receiver.ids)) == [*before, during, *after]
    finally:
        process.kill()
        broker.stop()
