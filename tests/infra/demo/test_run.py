"""A demo from beginning to end, on a stack without sockets."""

import asyncio
import io
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from pydantic import SecretStr
from rich.console import Console

from infra.demo import run
from infra.demo.jobs import TargetService
from infra.demo.query_client import QueryClient
from infra.demo.run import DemoOptions, run_demo
from infra.demo.site import Site, StackAddresses
from infra.demo.workshop import Workshop
from infra.errors import StackError
from runtime.settings import ClickHouseAddress
from schemas.messages.registry import REPORT_ROUTES
from tests.infra.demo.fake_stack import FakeGateway, FakeQueryApi, Mishap

FOLDER = Path(__file__).parent
ADDRESSES = StackAddresses(
    "http://gateway", "http://query", "token", ClickHouseAddress("h", 1, "u", SecretStr("p"), "d", False)
)


class WholeQueryApi(FakeQueryApi):
    """Shows every agent as stopped in good order."""

    def _answer(self, request: httpx.Request) -> httpx.Response:
        point = {"score": 60.0, "level": "watch", "status": "stopped"}
        match request.url.path.rpartition("/")[2]:
            case "status":
                return httpx.Response(200, json={"status": "offline", "trust": point})
            case "trust":
                return httpx.Response(200, json={"current": point, "history": [point]})
            case "alerts" | "violations" as name:
                return httpx.Response(200, json={name: [], "next_cursor": None})
        return super()._answer(request)


class CountingClickHouse:
    """Counts what the gateway has stored, less `lost`."""

    def __init__(self, gateway: FakeGateway, lost: int) -> None:
        self._gateway = gateway
        self._lost = lost
        self.result_rows: list[tuple[str, str, int, int]] = []

    async def query(self, _sql: str, **_options: object) -> "CountingClickHouse":
        self.result_rows = []
        for route in REPORT_ROUTES:
            agents = Counter(event[route.agent_field] for event in self._gateway.events(route.name))
            for agent_id, count in agents.items():
                self.result_rows.append((route.name, agent_id, count - self._lost, count - self._lost))
        return self


class FakeStack:
    """Stands in for `open_site`."""

    def __init__(self, *mishaps: Mishap, lost: int = 0) -> None:
        self.gateway = FakeGateway(mishaps)
        self._lost = lost

    @asynccontextmanager
    async def open(self, _addresses: StackAddresses) -> AsyncIterator[Site]:
        async with self.gateway.client() as http, WholeQueryApi().client() as query:
            clickhouse = cast("AsyncClient", CountingClickHouse(self.gateway, self._lost))
            workshop = Workshop([FOLDER], clickhouse, dict.fromkeys(TargetService, http))
            yield Site(http, QueryClient(query), clickhouse, workshop, sorted(FOLDER.glob("*.py")))


async def demo(
    monkeypatch: pytest.MonkeyPatch, stack: FakeStack, *, agents: int = 1, seconds: float = 0.6
) -> tuple[bool, str]:
    monkeypatch.setattr(run, "open_site", stack.open)
    file = io.StringIO()
    complete = await run_demo(ADDRESSES, DemoOptions(agents, seconds, 1), Console(file=file, width=160))
    return complete, file.getvalue()


async def test_it_tells_what_became_of_every_event(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = FakeStack()
    complete, text = await demo(monkeypatch, stack, agents=2)
    assert complete
    count = stack.gateway.count()
    assert f"sent {count} = accepted {count} = stored {count}" in text
    assert "01-hash" in text
    assert "02-query" in text
    assert "No agent goes silent" in text


async def test_an_accepted_event_that_is_missing_fails_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.demo.settling._STORED_SECONDS", 0.0)
    complete, text = await demo(monkeypatch, FakeStack(lost=1))
    assert not complete
    assert "01-hash: 1 accepted log events are missing" in text


async def test_a_gateway_that_refuses_everything_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = [httpx.Response(403, text="revoked")] * 50
    with pytest.raises(StackError, match=r"The gateway accepted nothing: .*403 revoked"):
        await demo(monkeypatch, FakeStack(*refusals))


async def test_a_signal_ends_the_work_and_the_table_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = FakeStack()

    async def interrupt() -> None:
        while not stack.gateway.count():  # noqa: ASYNC110 - the fake has no event
            await asyncio.sleep(0.01)
        signal.raise_signal(signal.SIGINT)

    async with asyncio.timeout(60):
        interrupting = asyncio.create_task(interrupt())
        complete, text = await demo(monkeypatch, stack, seconds=600)
        await interrupting
    assert complete
    assert f"sent {stack.gateway.count()} =" in text
