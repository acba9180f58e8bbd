"""The reporting client: nothing lost, nothing twice, whatever the gateway does."""

import asyncio

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.demo.reporting import BATCH, ReportingClient
from tests.infra.demo.fake_stack import CREDENTIALS, FakeGateway, Mishap


def log(number: int) -> dict[str, object]:
    return {"agentId": CREDENTIALS.agent_id, "level": "info", "message": str(number)}


def at_once(_attempt: int, _retry_after: str | None) -> float:
    return 0.0


def messages(gateway: FakeGateway) -> list[str]:
    return [event["message"] for event in gateway.events("log")]


async def test_it_sends_batches_with_the_agents_identity() -> None:
    gateway = FakeGateway()
    async with gateway.client() as http:
        client = ReportingClient(http, CREDENTIALS)
        for number in range(BATCH + 1):
            client.report("log", log(number))
        client.report("heartbeat", {"agentId": CREDENTIALS.agent_id, "status": "active"})
        await client.flush()
    assert messages(gateway) == [str(number) for number in range(BATCH + 1)]
    assert len(gateway.requests) == 3
    assert gateway.requests[0].headers["X-Governance-ID"] == "gov-7"
    assert len({request.headers["Idempotency-Key"] for request in gateway.requests}) == 3
    total = client.delivery.total()
    assert (total.reported, total.accepted, total.unanswered) == (BATCH + 2, BATCH + 2, 0)


mishaps = st.none() | st.sampled_from(
    [
        httpx.Response(503, headers={"Retry-After": "1"}),
        httpx.Response(429),
        httpx.Response(500),
        httpx.ReadTimeout("no answer"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("closed"),
    ]
)


@given(st.lists(mishaps, max_size=12), st.booleans(), st.lists(st.integers(1, 250), max_size=3))
async def test_every_event_is_stored_once_whatever_happens_on_the_way(
    happening: list[Mishap | None], after_storing: bool, flushes: list[int]
) -> None:
    gateway = FakeGateway(happening, after_storing=after_storing)
    sent = 0
    async with gateway.client() as http:
        client = ReportingClient(http, CREDENTIALS, backoff=at_once)
        for count in flushes:
            for _ in range(count):
                client.report("log", log(sent))
                sent += 1
            await client.flush()
    assert messages(gateway) == [str(number) for number in range(sent)]
    assert client.delivery.total().accepted == sent
    assert client.delivery.repeats == len(gateway.requests) - len(gateway.stored.get("log", {}))


async def test_a_refused_batch_is_counted_and_explained_and_not_sent_again() -> None:
    gateway = FakeGateway([httpx.Response(422, text="message: missing")])
    async with gateway.client() as http:
        client = ReportingClient(http, CREDENTIALS)
        client.report("log", log(1))
        await client.flush()
        client.report("log", log(2))
        await client.flush()
    assert messages(gateway) == ["2"]
    assert client.delivery.total().refused == 1
    assert client.delivery.problems == ["/api/v1/agents/logs: 422 message: missing"]


async def test_it_gives_up_in_time_and_leaves_the_batch_unanswered() -> None:
    gateway = FakeGateway([httpx.ReadTimeout("no answer")] * 3)
    async with gateway.client() as http:
        client = ReportingClient(http, CREDENTIALS, give_up_seconds=0.0)
        client.report("log", log(1))
        await client.flush()
    assert client.delivery.total().unanswered == 1
    assert len(gateway.requests) == 1


async def test_a_full_queue_drops_and_says_so() -> None:
    gateway = FakeGateway()
    async with gateway.client() as http:
        client = ReportingClient(http, CREDENTIALS)
        for number in range(2003):
            client.report("log", log(number))
        await client.flush()
    total = client.delivery.total()
    assert (total.accepted, total.dropped, total.unanswered) == (2000, 3, 0)


async def test_it_sends_in_the_background_until_the_work_is_over() -> None:
    gateway = FakeGateway()
    over = asyncio.Event()
    async with gateway.client() as http, asyncio.timeout(60):
        client = ReportingClient(http, CREDENTIALS)
        sending = asyncio.create_task(client.keep_sending(over))
        client.report("log", log(1))
        while not gateway.requests:  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        client.report("log", log(2))
        over.set()
        await sending
    assert messages(gateway) == ["1", "2"]


async def test_one_request_is_under_way_at_a_time() -> None:
    under_way = 0

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way
        under_way += 1
        assert under_way == 1
        await asyncio.sleep(0)
        under_way -= 1
        return httpx.Response(202, json={"accepted": len(orjson.loads(request.content))})

    async with httpx.AsyncClient(base_url="http://gateway", transport=httpx.MockTransport(answer)) as http:
        client = ReportingClient(http, CREDENTIALS)
        for number in range(5 * BATCH):
            client.report("log", log(number))
        await asyncio.gather(client.flush(), client.flush(), client.flush())
    assert client.delivery.total().accepted == 5 * BATCH


@pytest.mark.parametrize("route", ["gossip", ""])
async def test_an_unknown_route_is_a_mistake(route: str) -> None:
    async with FakeGateway().client() as http:
        with pytest.raises(KeyError):
            ReportingClient(http, CREDENTIALS).report(route, log(1))
