"""Trust: the newest score with its reasons, and a history without copies."""

import pytest

from schemas.derived import Reason, TrustLevel, TrustScore, TrustStatus
from schemas.identity import AgentRef
from schemas.timestamps import to_rfc3339
from tests.query_api.api_process import QueryApiProcess
from tests.query_api.fleet_rows import FleetRows

pytestmark = pytest.mark.integration

NOW = 1_800_000_000_000


def score(ref: AgentRef, points: float, at: int) -> TrustScore:
    return TrustScore(
        *ref,
        score=points,
        level=TrustLevel.WATCH,
        status=TrustStatus.ACTIVE,
        confidence=0.75,
        low=points - 5,
        high=points + 5,
        as_of=to_rfc3339(at),
        reasons=[Reason("failures", 12.5, ["b:0"], 0.09, 0.02), Reason("violations", 7)],
        ceilings=["critical-violation"],
        reported_trust=99.0,
        claim_gap=99.0 - points,
        model_version=3,
    )


def test_no_score_yet_is_no_error(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": "unscored"})
        report = client.get("/api/v1/agents/unscored/trust").json()
    assert (report["current"], report["history"], report["next_cursor"]) == (None, [], None)


def test_the_score_has_its_reasons_and_its_history(query_api: QueryApiProcess, rows: FleetRows) -> None:
    ref = AgentRef("default", "scored")
    path = "/api/v1/agents/scored/trust"
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": ref.agent_id})
        for number in range(5):
            for _copy in range(2):
                at = NOW + number * 1000
                rows.derived(score(ref, 60.0 + number, at), at, event_id=f"score-{number}")
        report = client.get(path).json()
        first = client.get(path, params={"limit": 3}).json()
        second = client.get(path, params={"limit": 3, "cursor": first["next_cursor"]}).json()
        bounded = client.get(
            path, params={"from": to_rfc3339(NOW + 1000), "to": to_rfc3339(NOW + 3000)}
        ).json()
    assert report["current"] == {
        "time": to_rfc3339(NOW + 4000),
        "score": 64.0,
        "level": "watch",
        "status": "active",
        "confidence": 0.75,
        "low": 59.0,
        "high": 69.0,
        "as_of": to_rfc3339(NOW + 4000),
        "reasons": [
            {"code": "failures", "points": 12.5, "events": ["b:0"], "observed": 0.09, "expected": 0.02},
            {"code": "violations", "points": 7.0, "events": [], "observed": None, "expected": None},
        ],
        "ceilings": ["critical-violation"],
        "reported_trust": 99.0,
        "claim_gap": 35.0,
        "model_version": 3,
    }
    assert [point["score"] for point in report["history"]] == [64, 63, 62, 61, 60]
    assert first["history"] + second["history"] == report["history"]
    assert second["next_cursor"] is None
    assert [point["score"] for point in bounded["history"]] == [62, 61]
    assert bounded["current"]["score"] == 64.0
