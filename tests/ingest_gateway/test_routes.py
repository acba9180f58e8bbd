"""The routes beside the reporting ones, and what is no route."""

import pytest

from schemas.messages.registry import REPORT_ROUTES
from schemas.topics import Topic
from tests.ingest_gateway.harness import running, tag_of


async def test_readiness_names_its_checks_and_the_control_offsets() -> None:
    async with running() as harness:
        response = await harness.client.get("/readyz")
        assert response.status_code == 200
        assert response.json() == {
            "status": "ready",
            "checks": {"kafka": True, "control": True},
            "control": {Topic.AGENTS: 1, Topic.API_KEYS: 2},
        }


async def test_without_kafka_it_is_alive_and_not_ready() -> None:
    async with running(ready=False) as harness:
        assert (await harness.client.get("/healthz")).status_code == 200
        response = await harness.client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["checks"] == {"kafka": False, "control": False}


async def test_metrics_tell_the_worker_and_name_no_agent() -> None:
    async with running() as harness:
        await harness.post()
        text = (await harness.client.get("/metrics")).text
        assert 'promethios_gateway_requests_total{route="log",status="202",worker="3"} 1.0' in text
        assert 'promethios_gateway_events_total{kind="log",worker="3"} 1.0' in text
        assert 'promethios_gateway_kafka_ack_seconds_count{worker="3"} 1.0' in text
        assert text == (await harness.client.get("/metrics/worker")).text
        assert "agent-1" not in text


@pytest.mark.parametrize("path", ["/", "/api/v1/agents/logs/", "/api/v1/agents", "/%2e%2e/metrics"])
async def test_what_is_no_route_is_a_problem(path: str) -> None:
    async with running() as harness:
        response = await harness.client.post(path)
        assert (response.status_code, tag_of(response)) == (404, "not-found")


@pytest.mark.parametrize("path", ["/healthz", *(route.path for route in REPORT_ROUTES)])
async def test_another_method_is_a_problem_that_names_the_right_one(path: str) -> None:
    async with running() as harness:
        response = await harness.client.delete(path)
        assert (response.status_code, tag_of(response)) == (405, "method-not-allowed")
        assert response.headers["allow"] == ("GET" if path == "/healthz" else "POST")


async def test_the_documentation_is_served() -> None:
    async with running() as harness:
        page = await harness.client.get("/docs")
        assert page.status_code == 200
        assert "https://" not in page.text
        document = (await harness.client.get("/openapi.json")).json()
        assert {route.path for route in REPORT_ROUTES} <= set(document["paths"])
