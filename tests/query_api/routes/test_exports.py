"""An export holds every row of an agent, and of nobody else."""

import io
import json
import zipfile

import pytest

from schemas.block import Kind
from schemas.identity import AgentRef
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.operators import Role
from tests.query_api.api_process import TENANT, TENANT_ADMIN, TOKENS, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

SCOUT = AgentRef("default", "export-scout")
PATH = f"/api/v1/agents/{SCOUT.agent_id}/export"


def test_all_rows_of_an_agent_come_as_a_zip(query_api: QueryApiProcess, rows: FleetRows) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": SCOUT.agent_id})
        said = [LogRow(LogLevel.INFO, f"entry {number}") for number in range(5_000)]
        rows.telemetry(Kind.LOG, SCOUT, said, 1_800_000_000_000)
        rows.telemetry(Kind.LOG, AgentRef(TENANT, SCOUT.agent_id), said[:1], 1_800_000_000_000)
        answer = client.get(PATH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        lines = [json.loads(line) for line in file.read("agent_logs.ndjson").splitlines()]
        assert {line["tenant_id"] for line in lines} == {"default"}
        assert len({line["message"] for line in lines}) == len(lines) == 5_000
        known = json.loads(file.read("agent.json"))
    assert known["agent_id"] == SCOUT.agent_id
    assert "hash" not in str(known)


def test_exports_are_for_admins_of_the_tenant(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": SCOUT.agent_id})
        assert client.get("/api/v1/agents/nobody/export").status_code == 404
    for token in (TOKENS[Role.VIEWER], TOKENS[Role.ANALYST], TOKENS[Role.OPERATOR]):
        with query_api.client(token) as client:
            assert client.get(PATH).status_code == 403
    with query_api.client(TENANT_ADMIN) as client:
        assert client.get(PATH).status_code == 404
        assert client.get(PATH, params={"tenant": "default"}).status_code == 403
