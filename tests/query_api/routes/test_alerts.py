"""Alerts: the present state of each, whatever came before and however often."""

from typing import Any

import msgspec
import pytest

from schemas.derived import Alert, AlertState
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

NOW = 1_800_000_000_000
MINUTE = 60_000


def alert(tenant: str, name: str, state: AlertState, *, started: int, ended: int | None = None) -> Alert:
    agent_id, rule = name.split("/")
    return Alert(
        tenant_id=tenant,
        agent_id=agent_id,
        fingerprint=f"{tenant}:{name}",
        rule=rule,
        state=state,
        severity=Severity.HIGH,
        summary=f"{rule} of {agent_id}",
        started_at=to_rfc3339(started),
        ended_at=None if ended is None else to_rfc3339(ended),
        evidence=["b:1"],
    )


def found(query_api: QueryApiProcess, tenant: str, **parameters: str) -> list[dict[str, Any]]:
    """All alerts, page by page."""
    alerts: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    with query_api.client() as client:
        while True:
            sent = {"tenant": tenant, "limit": "2", **parameters, **cursor}
            answer = client.get("/api/v1/alerts", params=sent)
            assert answer.status_code == 200, answer.text
            alerts += answer.json()["alerts"]
            if answer.json()["next_cursor"] is None:
                return alerts
            cursor = {"cursor": answer.json()["next_cursor"]}


def test_alerts_stand_as_their_newest_change_says(query_api: QueryApiProcess, rows: FleetRows) -> None:
    tenant = "alerting"
    firing, resolved = AlertState.FIRING, AlertState.RESOLVED
    over = alert(tenant, "a/offline", resolved, started=NOW, ended=NOW + MINUTE)
    for _copy in range(2):
        rows.derived(alert(tenant, "a/offline", firing, started=NOW), NOW, "copied")
    rows.derived(over, NOW + MINUTE)
    rows.derived(alert(tenant, "b/offline", firing, started=NOW), NOW)
    rows.derived(alert(tenant, "a/trust-drop", firing, started=NOW), NOW + 2 * MINUTE)
    rows.derived(alert("another", "a/offline", firing, started=NOW), NOW)
    # Resolved and at once firing again, at one time: the later life counts.
    rows.derived(alert(tenant, "c/offline", resolved, started=NOW, ended=NOW + 3 * MINUTE), NOW + 3 * MINUTE)
    rows.derived(alert(tenant, "c/offline", firing, started=NOW + 3 * MINUTE), NOW + 3 * MINUTE)

    everything = found(query_api, tenant)
    assert [(entry["agent_id"], entry["rule"], entry["state"]) for entry in everything] == [
        ("c", "offline", "firing"),
        ("a", "trust-drop", "firing"),
        ("a", "offline", "resolved"),
        ("b", "offline", "firing"),
    ]
    assert everything[2]["ended_at"] == to_rfc3339(NOW + MINUTE)
    assert everything[2]["evidence"] == ["b:1"]
    assert len(found(query_api, tenant, state="firing")) == 3
    assert [entry["agent_id"] for entry in found(query_api, tenant, rule="offline")] == ["c", "a", "b"]
    assert [entry["rule"] for entry in found(query_api, tenant, agent="a")] == ["trust-drop", "offline"]
    assert found(query_api, tenant, agent="a", state="firing", rule="offline") == []


def test_an_alert_that_fired_and_ended_at_one_time_has_ended(
    query_api: QueryApiProcess, rows: FleetRows
) -> None:
    for state, ended in ((AlertState.RESOLVED, NOW), (AlertState.FIRING, None)):
        rows.derived(alert("brief", "a/offline", state, started=NOW, ended=ended), NOW)
    assert [entry["state"] for entry in found(query_api, "brief")] == ["resolved"]


def test_the_severity_is_that_of_the_newest_change(query_api: QueryApiProcess, rows: FleetRows) -> None:
    low, worse = (alert("grading", name, AlertState.FIRING, started=NOW) for name in ("a/one", "b/two"))
    rows.derived(msgspec.structs.replace(low, severity=Severity.LOW), NOW)
    rows.derived(msgspec.structs.replace(worse, severity=Severity.LOW), NOW)
    rows.derived(worse, NOW + MINUTE)
    assert [entry["rule"] for entry in found(query_api, "grading", severity="low")] == ["one"]
    assert [entry["rule"] for entry in found(query_api, "grading", severity="high")] == ["two"]


def test_an_unknown_state_is_refused(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        assert client.get("/api/v1/alerts", params={"state": "ringing"}).status_code == 422
