"""The process waits for what it depends on, and lives through its absence."""

import time
from pathlib import Path

import httpx
import pytest

from infra.kafka.topics import ensure_topics
from schemas.tables import DATABASE
from schemas.topics import DEFAULT_PARTITIONS
from tests.embedded_broker import EmbeddedBroker
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.api_process import ADMIN, QueryApiProcess, bearer, put_operators, url_of

pytestmark = pytest.mark.integration


async def test_it_waits_for_its_stores_and_outlives_their_absence(
    tmp_path: Path, migrated_data: Path
) -> None:
    broker = EmbeddedBroker(tmp_path)
    (tmp_path / "clickhouse").mkdir()
    clickhouse = EmbeddedClickHouse(tmp_path / "clickhouse").with_data(migrated_data)
    clickhouse_url = url_of(clickhouse, DATABASE)
    query_api = QueryApiProcess(tmp_path, broker.address, clickhouse_url)
    try:
        query_api.start("/healthz")
        assert problem_of(query_api, "GET", "/api/v1/agents") == (503, "starting")

        # A broker whose topics are made only after it was found.
        broker.start()
        await ensure_topics(broker.address, DEFAULT_PARTITIONS)
        await put_operators(broker.address)
        query_api.wait_for("/api/v1/agents/scout/keys", 401)
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/keys") == (404, "not-found")
        assert problem_of(query_api, "POST", "/api/v1/agents", {"agent_id": "scout"}) == (201, None)
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/trust") == (503, "clickhouse-away")

        clickhouse.start()
        query_api.wait_for("/readyz", 200)
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/trust") == (200, None)
        wait_for_logs(query_api)

        broker.kill()
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/trust") == (200, None)
        # A read of logs that cannot be written down is none.
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/logs") == (503, "audit-away")
        began = time.monotonic()
        assert problem_of(query_api, "POST", "/api/v1/agents", {"agent_id": "late"}) == (503, "kafka-away")
        assert time.monotonic() - began < 15
        # Whose token was revoked meanwhile would not be known.
        query_api.wait_for("/api/v1/agents/scout/trust", 503)
        assert problem_of(query_api, "GET", "/api/v1/agents/scout/trust") == (503, "kafka-away")
        broker.start()
        wait_until(query_api, "later")
        wait_for_logs(query_api)
    finally:
        assert query_api.stop() == 0, query_api.log
        broker.stop()
        clickhouse.stop()


def problem_of(
    query_api: QueryApiProcess, method: str, path: str, body: dict[str, str] | None = None
) -> tuple[int, str | None]:
    """The answer's status and its problem's tag."""
    answer = httpx.request(method, query_api.url + path, json=body, headers=bearer(ADMIN), timeout=20)
    assert answer.status_code != 503 or answer.headers["retry-after"]
    return answer.status_code, answer.json().get("tag")


def wait_for_logs(query_api: QueryApiProcess) -> None:
    """Read them, as soon as a busy broker lets that be written down in time."""
    deadline = time.monotonic() + 180
    while (answer := problem_of(query_api, "GET", "/api/v1/agents/scout/logs")) != (200, None):
        assert answer == (503, "audit-away")
        assert time.monotonic() < deadline, query_api.log
        time.sleep(0.1)


def wait_until(query_api: QueryApiProcess, agent_id: str) -> None:
    """Create an agent, as soon as that goes."""
    deadline = time.monotonic() + 180
    while True:
        status, _ = problem_of(query_api, "POST", "/api/v1/agents", {"agent_id": agent_id})
        # 409 when an answer of 503 was given to what then happened all the same.
        if status in {201, 409}:
            return
        assert time.monotonic() < deadline, query_api.log
        time.sleep(0.1)
