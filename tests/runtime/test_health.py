"""The health server of processes without routes."""

from pathlib import Path

import httpx
from prometheus_client import CollectorRegistry, Counter

from runtime.health import HealthServer


async def test_it_tells_life_readiness_and_metrics(tmp_path: Path) -> None:
    checks = {"kafka": True, "clickhouse": False}
    registry = CollectorRegistry()
    Counter("promethios_things", "Things.", registry=registry).inc(3)
    server = HealthServer("writer", tmp_path, lambda: checks, registry)
    await server.start()
    address = (tmp_path / "writer.health").read_text()
    async with httpx.AsyncClient(base_url=address) as client:
        assert (await client.get("/healthz")).status_code == 200
        not_ready = await client.get("/readyz")
        assert not_ready.status_code == 503
        assert not_ready.json()["checks"] == checks
        checks["clickhouse"] = True
        assert (await client.get("/readyz")).status_code == 200
        assert "promethios_things_total 3.0" in (await client.get("/metrics")).text
        assert (await client.get("/other")).status_code == 404
    await server.stop()
    assert not (tmp_path / "writer.health").exists()
