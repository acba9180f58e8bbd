"""Violations of a tenant, by agent, severity and time, each once."""

import pytest

from schemas.derived import PolicyViolation, ViolationSource
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

NOW = 1_800_000_000_000
TENANT = "violating"


def violation(agent_id: str, severity: Severity, number: int) -> PolicyViolation:
    return PolicyViolation(
        tenant_id=TENANT,
        agent_id=agent_id,
        rule=f"rule-{number}",
        severity=severity,
        source=ViolationSource.DETECTED if number == 2 else ViolationSource.REPORTED,
        description='it\'s "quoted"',
        occurred_at=to_rfc3339(NOW + number * 1000 - 500),
        evidence=[f"b:{number}"],
        policy_id="build" if number == 2 else "",
        policy_version=number if number == 2 else 0,
    )


def test_violations_come_newest_first_and_once(query_api: QueryApiProcess, rows: FleetRows) -> None:
    for number, severity in enumerate(Severity):
        for _copy in range(3):
            agent_id = "even" if number % 2 == 0 else "odd"
            rows.derived(violation(agent_id, severity, number), NOW + number * 1000, f"violation-{number}")

    def rules(**parameters: str | list[str]) -> list[str]:
        with query_api.client() as client:
            answer = client.get("/api/v1/violations", params={"tenant": TENANT, **parameters})
            return [found["rule"] for found in answer.json()["violations"]]

    assert rules() == ["rule-3", "rule-2", "rule-1", "rule-0"]
    assert rules(source="detected") == ["rule-2"]
    assert rules(agent="odd") == ["rule-3", "rule-1"]
    assert rules(rule="rule-1") == ["rule-1"]
    assert rules(policy="build") == ["rule-2"]
    assert rules(severity=["critical", "low"]) == ["rule-3", "rule-0"]
    assert rules(to=to_rfc3339(NOW + 1000)) == ["rule-0"]
    with query_api.client() as client:
        page = client.get("/api/v1/violations", params={"tenant": TENANT, "limit": "3"}).json()
        rest = client.get(
            "/api/v1/violations", params={"tenant": TENANT, "limit": "3", "cursor": page["next_cursor"]}
        ).json()
    assert len(page["violations"]) == 3
    assert [found["policy_id"] for found in page["violations"]] == ["", "build", ""]
    assert rest == {
        "violations": [
            {
                "event_id": "violation-0",
                "agent_id": "even",
                "found_at": to_rfc3339(NOW),
                "occurred_at": to_rfc3339(NOW - 500),
                "rule": "rule-0",
                "severity": "low",
                "source": "reported",
                "description": 'it\'s "quoted"',
                "evidence": ["b:0"],
                "policy_id": "",
                "policy_version": 0,
            }
        ],
        "next_cursor": None,
    }
