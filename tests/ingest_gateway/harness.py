"""The whole gateway over fakes, spoken to in HTTP without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from ingest_gateway.asgi import Dispatcher
from ingest_gateway.disk_guard import DiskGuard
from ingest_gateway.gateway import Gateway
from ingest_gateway.limits import Limits
from ingest_gateway.metrics import GatewayMetrics
from ingest_gateway.routes import application
from schemas.control import Agent, ApiKey
from tests.ingest_gateway.fakes import AGENT, NOW, TOKEN, MemoryControl, MemorySink, api_key

LIMITS = Limits(block_delay_seconds=0.001, ack_seconds=0.1, max_events=50, max_body_bytes=100_000)
LOGS = "/api/v1/agents/logs"
LOG = {"agentId": "agent-1", "level": "info", "message": "m"}


@dataclass
class Harness:
    """A gateway that serves, and what it stands on."""

    gateway: Gateway
    sink: MemorySink
    control: MemoryControl
    app: Dispatcher
    client: httpx.AsyncClient

    async def post(self, path: str = LOGS, json: object = LOG, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        headers = {"Authorization": f"Bearer {TOKEN}"} | options.pop("headers", {})
        if "content" not in options:
            options["json"] = json
        return await self.client.post(path, headers=headers, **options)


@asynccontextmanager
async def running(
    *records: Agent | ApiKey, limits: Limits = LIMITS, ready: bool = True, disk: DiskGuard | None = None
) -> AsyncIterator[Harness]:
    sink = MemorySink()
    sink.reachable = ready
    control = MemoryControl(*(records or (AGENT, api_key(created_at=NOW))))
    gateway = Gateway(sink, lambda: control, limits, GatewayMetrics(worker=3), disk)
    app = application(gateway)
    gateway.start()
    async with asyncio.timeout(60):
        while ready and not all(gateway.checks.values()):  # noqa: ASYNC110 - readiness has no event
            await asyncio.sleep(0)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield Harness(gateway, sink, control, app, client)
    await gateway.stop()


def tag_of(response: httpx.Response) -> str:
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    return str(body["tag"])
