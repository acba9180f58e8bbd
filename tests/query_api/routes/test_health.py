"""Health and metrics need no token."""

import httpx
import pytest

from tests.query_api.api_process import QueryApiProcess

pytestmark = pytest.mark.integration


def test_a_connected_process_is_alive_and_ready(query_api: QueryApiProcess) -> None:
    assert httpx.get(query_api.url + "/healthz", timeout=60).json() == {"status": "alive"}
    ready = httpx.get(query_api.url + "/readyz", timeout=60)
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "checks": {"control": True, "clickhouse": True}}


def test_metrics_are_prometheus_text_without_agents(query_api: QueryApiProcess) -> None:
    httpx.get(query_api.url + "/api/v1/agents/some-agent/status", timeout=60)
    answer = httpx.get(query_api.url + "/metrics", timeout=60)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'route="/api/v1/agents/{agent_id}/status"' in answer.text
    assert "some-agent" not in answer.text


def test_the_documentation_is_served(query_api: QueryApiProcess) -> None:
    assert httpx.get(query_api.url + "/docs", timeout=60).status_code == 200
    assert (
        httpx.get(query_api.url + "/openapi.json", timeout=60).json()["info"]["title"]
        == "Promethios query API"
    )
