"""Decisions of policy: found in reports and told by agents, in one order of time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.block import Kind
from schemas.derived import PolicyViolation, ViolationSource
from schemas.identity import AgentRef
from schemas.messages.event import EventRow, EventType
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import TENANT_ADMIN, VIEWER, QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

TENANT = "deciding"
AT = datetime.now(UTC) - timedelta(hours=1)
NOW = int(AT.timestamp() * 1000)


def found(agent: str, rule: str, source: ViolationSource, policy_id: str) -> PolicyViolation:
    return PolicyViolation(
        TENANT, agent, rule, Severity.HIGH, source, "called mail", to_rfc3339(NOW), ["b:1"], policy_id, 3
    )


def told(word: str, seconds: int, event_type: EventType = EventType.DECISION) -> EventRow:
    return EventRow(
        event_type, timestamp=AT + timedelta(seconds=seconds), tool_name="mail", action="send", decision=word
    )


@pytest.fixture
def deciding(query_api: QueryApiProcess, rows: FleetRows) -> QueryApiProcess:
    if not ask(query_api)["decisions"]:
        rows.telemetry(Kind.EVENT, AgentRef(TENANT, "one"), [told("DENY", 1), told("maybe", 2)], NOW)
        calls = [told("Allowed", 3), told("deny", 4, EventType.TOOL_CALL)]
        rows.telemetry(Kind.EVENT, AgentRef(TENANT, "two"), calls, NOW)
        denied = found("one", "tool_not_allowed", ViolationSource.DETECTED, "build")
        for _copy in range(3):
            rows.derived(denied, NOW + 1500, "denied")
        rows.derived(found("two", "high_risk_action", ViolationSource.DETECTED, "risks"), NOW + 2500)
        rows.derived(found("two", "own-rule", ViolationSource.REPORTED, ""), NOW + 2600)
    return query_api


def ask(query_api: QueryApiProcess, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever httpx sends
    with query_api.client() as client:
        answer = client.get("/api/v1/policy-decisions", params={"tenant": TENANT, **parameters})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def shown(page: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["source"], one["agent_id"], one["decision"]) for one in page["decisions"]]


ALL = [
    ("agent", "two", "allow"),
    ("policy", "two", "needs_approval"),
    ("agent", "one", None),
    ("policy", "one", "deny"),
    ("agent", "one", "deny"),
]


def test_both_sources_come_in_one_order_and_each_once(deciding: QueryApiProcess) -> None:
    page = ask(deciding)
    assert shown(page) == ALL
    _, risky, unknown, denied, own = page["decisions"]
    assert (denied["policy_id"], denied["policy_version"], denied["rule"]) == ("build", 3, "tool_not_allowed")
    assert (denied["severity"], denied["explanation"], denied["evidence"]) == ("high", "called mail", ["b:1"])
    assert (denied["word"], denied["tool_name"], denied["run_id"]) == (None, None, None)
    assert risky["policy_id"] == "risks"
    assert (unknown["word"], unknown["rule"], unknown["policy_version"]) == ("maybe", None, None)
    assert (own["word"], own["tool_name"], own["action"]) == ("DENY", "mail", "send")
    assert own["evidence"] == [own["id"]]


def test_filters(deciding: QueryApiProcess) -> None:
    assert shown(ask(deciding, source="agent")) == [one for one in ALL if one[0] == "agent"]
    assert shown(ask(deciding, agent="two")) == [one for one in ALL if one[1] == "two"]
    assert shown(ask(deciding, decision="deny")) == ALL[3:]
    assert shown(ask(deciding, decision=["needs_approval", "allow"])) == ALL[:2]
    assert shown(ask(deciding, policy="build")) == ALL[3:4]
    assert shown(ask(deciding, policy="build", source="agent")) == []
    assert shown(ask(deciding, to=to_rfc3339(NOW + 1500))) == ALL[4:]
    assert shown(ask(deciding, **{"from": to_rfc3339(NOW + 3000)})) == ALL[:1]


def test_pages_put_together_are_the_whole(deciding: QueryApiProcess) -> None:
    places: list[tuple[str, str, str | None]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(deciding, limit="2", to=to_rfc3339(NOW + 60_000), **cursor)
        places += shown(page)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert places == ALL


def test_who_may_ask_and_for_what(deciding: QueryApiProcess) -> None:
    with deciding.client(VIEWER) as viewer:
        assert viewer.get("/api/v1/policy-decisions").status_code == 403
    with deciding.client(TENANT_ADMIN) as other:
        assert other.get("/api/v1/policy-decisions", params={"tenant": TENANT}).status_code == 403
        assert other.get("/api/v1/policy-decisions").json()["decisions"] == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"source": "moon"}, "source"),
        ({"decision": "maybe"}, "decision.0"),
        ({"policy": "a b"}, "policy"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"limit": "1001"}, "limit"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "to"),
        ({"moon": "full"}, "moon"),
    ],
)
def test_nonsense_is_named(query_api: QueryApiProcess, parameters: dict[str, str], field: str) -> None:
    with query_api.client() as client:
        answer = client.get("/api/v1/policy-decisions", params=parameters)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
