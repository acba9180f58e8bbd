"""Live tails through the server: over WebSockets and as event streams, for operators and agents."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close

from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.accesses import Access, AccessAction
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from tests.query_api.access_records import read_accesses
from tests.query_api.api_process import ADMIN, TENANT_ADMIN, VIEWER, QueryApiProcess, bearer
from tests.query_api.tail_records import record_of, segment_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

SCOUT = AgentRef("default", "tail-scout")
OTHER = AgentRef("default", "tail-other")
STRANGER = AgentRef("acme", "tail-scout")
PATH = f"/api/v1/agents/{SCOUT.agent_id}/logs/stream"


@pytest.fixture
def api(query_api: QueryApiProcess) -> QueryApiProcess:
    with query_api.client() as client:
        for ref in (SCOUT, OTHER):
            client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
    return query_api


class Reporter:
    """Writes log rows to the telemetry topic, acknowledged."""

    def __init__(self, producer: Any) -> None:  # noqa: ANN401 - aiokafka ships no types
        self._producer = producer

    async def report(self, ref: AgentRef, *rows: LogRow) -> None:
        record = record_of(segment_of(ref, rows))
        await self._producer.send_and_wait(record.topic, record.value, headers=record.headers, partition=0)


@pytest.fixture
async def reporter(control_kafka: KafkaAddress) -> AsyncIterator[Reporter]:
    producer = kafka.producer(control_kafka, client_id="test-reporter")
    await producer.start()
    yield Reporter(producer)
    await producer.stop()


def info(text: str) -> LogRow:
    return LogRow(LogLevel.INFO, text)


@contextlib.asynccontextmanager
async def tail(
    api: QueryApiProcess,
    path: str = PATH,
    token: str = ADMIN,
    **options: Any,  # noqa: ANN401 - those of websockets
) -> AsyncIterator[ClientConnection]:
    """A socket that has begun: what is reported from here on comes."""
    headers = bearer(token) if token else {}
    async with connect(f"ws://127.0.0.1:{api.port}{path}", additional_headers=headers, **options) as socket:
        assert list(orjson.loads(await socket.recv())) == ["heartbeat"]
        yield socket


async def entries(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next entries, in however many messages they come, and what says nothing between them."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            found += orjson.loads(await socket.recv()).get("logs", [])
    return found


async def messages(socket: ClientConnection, count: int) -> list[str]:
    return [entry["message"] for entry in await entries(socket, count)]


async def until_closed(socket: ClientConnection) -> tuple[Any, Close]:
    """The last message, and how the server closed."""
    last = None
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionClosed):
            while True:
                last = orjson.loads(await socket.recv())
    code, reason = socket.close_code, socket.close_reason
    return last, Close(code or 0, reason or "")


async def test_entries_come_as_a_search_will_show_them(api: QueryApiProcess, reporter: Reporter) -> None:
    async with tail(api) as socket:
        await reporter.report(SCOUT, LogRow(LogLevel.ERROR, "größe", {"a": 1}, trace_id="t"), info("second"))
        [first, second] = await entries(socket, 2)
    assert (first["message"], first["context"], first["trace_id"]) == ("größe", {"a": 1}, "t")
    assert (first["agent_id"], second["message"]) == (SCOUT.agent_id, "second")


async def test_each_reader_gets_their_own(api: QueryApiProcess, reporter: Reporter) -> None:
    everybody = "/api/v1/logs/stream"
    async with (
        tail(api) as own,
        tail(api, everybody) as all_agents,
        tail(api, f"{everybody}?agent=tail-other&text=WANTED&min_level=warn") as picky,
        tail(api, everybody, TENANT_ADMIN) as strange,
    ):
        await reporter.report(OTHER, info("wanted"), LogRow(LogLevel.WARN, "it is wanted"))
        await reporter.report(STRANGER, info("of acme"))
        await reporter.report(SCOUT, info("own"))
        assert await messages(own, 1) == ["own"]
        assert await messages(all_agents, 3) == ["wanted", "it is wanted", "own"]
        assert await messages(picky, 1) == ["it is wanted"]
        assert await messages(strange, 1) == ["of acme"]


async def test_an_agent_tails_its_own_log_until_its_key_is_revoked(
    api: QueryApiProcess, reporter: Reporter
) -> None:
    path = f"/api/v1/agents/{SCOUT.agent_id}/keys"
    async with httpx.AsyncClient(base_url=api.url, headers=bearer(ADMIN), timeout=60) as client:
        key = (await client.post(path, json={"permissions": ["logs.read"]})).json()
        # As browsers do, which can set no header.
        protocols = ["promethios.logs", f"promethios.bearer.{key['api_key']}"]
        async with tail(api, token="", subprotocols=protocols) as socket:
            assert socket.subprotocol == "promethios.logs"
            await reporter.report(SCOUT, info("mine"))
            assert await messages(socket, 1) == ["mine"]
            await client.delete(f"{path}/{key['key_id']}")
            last, close = await until_closed(socket)
        assert last == {"end": "unauthenticated"}
        assert (close.code, close.reason) == (1008, "unauthenticated")


@pytest.mark.parametrize(
    ("path", "token", "status", "tag"),
    [
        (PATH, "wrong", 401, "unauthenticated"),
        (PATH, "", 401, "unauthenticated"),
        (PATH, VIEWER, 403, "forbidden"),
        ("/api/v1/agents/nobody/logs/stream", ADMIN, 404, "not-found"),
        (f"{PATH}?min_level=loud", ADMIN, 422, "invalid"),
        (f"{PATH}?since=now", ADMIN, 422, "invalid"),
        ("/api/v1/agents/a%20b/logs/stream", ADMIN, 422, "invalid"),
    ],
)
async def test_refusals_are_problems_over_both_ways(
    api: QueryApiProcess, path: str, token: str, status: int, tag: str
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with tail(api, path, token):
            pass
    assert refused.value.response.status_code == status
    assert orjson.loads(refused.value.response.body)["tag"] == tag
    async with httpx.AsyncClient(base_url=api.url, headers=bearer(token or "x"), timeout=60) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["tag"]) == (status, tag)


async def test_no_such_socket_is_a_404(api: QueryApiProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{api.port}/api/v1/nowhere"):
            pass
    assert refused.value.response.status_code in {403, 404}


async def test_an_event_stream_says_the_same(api: QueryApiProcess, reporter: Reporter) -> None:
    async with (
        httpx.AsyncClient(base_url=api.url, headers=bearer(ADMIN), timeout=60) as client,
        client.stream("GET", PATH, params={"text": "wanted"}) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()
        assert await anext(lines) == ": heartbeat"
        await reporter.report(SCOUT, info("unwelcome"), info("wanted"))
        assert await anext(lines) == ""
        while (line := await anext(lines)) != "event: log":
            assert line in {": heartbeat", ""}
        data = await anext(lines)
    assert orjson.loads(data.removeprefix("data: "))["message"] == "wanted"


async def test_a_slow_reader_is_told_what_they_missed(api: QueryApiProcess, reporter: Reporter) -> None:
    sent = 4_000
    filler = "x" * 4_000
    async with tail(api, max_queue=1) as socket:
        for start in range(0, sent, 200):
            rows = [info(f"{number} {filler}") for number in range(start, start + 200)]
            await reporter.report(SCOUT, *rows)
        numbers: list[int] = []
        missed = 0
        async with asyncio.timeout(60):
            while len(numbers) + missed < sent:
                message = orjson.loads(await socket.recv())
                missed += message.get("missed", 0)
                numbers += [int(entry["message"].partition(" ")[0]) for entry in message.get("logs", [])]
    assert missed > 0
    assert numbers == sorted(numbers)
    assert numbers[-1] == sent - 1


async def test_its_beginning_and_its_end_are_written_down(
    api: QueryApiProcess, reporter: Reporter, control_kafka: KafkaAddress
) -> None:
    marked = f"{PATH}?text=audited"
    async with tail(api, marked) as socket:
        await reporter.report(SCOUT, info("audited"), info("not"), info("audited too"))
        await messages(socket, 2)

    def of_tail(found: list[Access]) -> list[tuple[AccessAction, int]]:
        return sorted((one.action, one.rows) for one in found if "audited" in one.query)

    found = await read_accesses(control_kafka, lambda found: len(of_tail(found)) == 2)
    assert of_tail(found) == [(AccessAction.LOG_STREAM, 0), (AccessAction.LOG_STREAM_END, 2)]


@pytest.fixture
def small(
    control_kafka: KafkaAddress,
    clickhouse_url: str,
    tmp_path: Any,  # noqa: ANN401 - a path
) -> Iterator[QueryApiProcess]:
    """A process of its own with room for one tail."""
    process = QueryApiProcess(tmp_path, control_kafka, clickhouse_url, query_tails="1").start()
    yield process
    process.stop()


@pytest.mark.usefixtures("api")
async def test_as_the_process_stops_tails_end_at_once(small: QueryApiProcess) -> None:
    async with tail(small) as socket:
        with pytest.raises(InvalidStatus) as refused:
            async with tail(small):
                pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["retry-after"]
        began = asyncio.get_running_loop().time()
        stopping = asyncio.create_task(asyncio.to_thread(small.stop))
        _, close = await until_closed(socket)
        # Long before anything else would have come.
        assert asyncio.get_running_loop().time() - began < 10
        assert await stopping == 0, small.log
    assert close.code == 1012
