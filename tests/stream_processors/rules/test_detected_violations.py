"""What policies find in requests: which events, once for each finding, and when."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from policy_engine.policy_set import PolicySet
from schemas.block import Kind, Segment
from schemas.derived import PolicyViolation, ViolationSource
from schemas.messages.values import Severity
from schemas.policy import CostCap, HighRiskAction, PolicyRule, PolicyTerms
from schemas.timestamps import to_rfc3339
from stream_processors.rules.detected_violations import Detected, detect, violation_of
from stream_processors.rules.evidence import CostRow, EventRow, LogRow, Rows, SegmentEvidence
from stream_processors.rules.state import AgentState
from tests.policy_engine.policies import compiled
from tests.stream_processors.rules.log_builder import SECOND, START

POLICIES = PolicySet(
    [
        compiled(PolicyTerms(daily_cost_cap=CostCap(Decimal(1), "USD")), "cap"),
        compiled(
            PolicyTerms(allowed_tools=("search",), high_risk_actions=(HighRiskAction("search", "wipe"),)),
            "tools",
        ),
    ]
)
BATCH = (7).to_bytes(16)


def called(tool: str, action: str = "", *, decision: str = "", error: str = "") -> EventRow:
    return EventRow("ToolCall", tool, action=action, decision=decision, error_type=error)


def detected(kind: Kind, rows: Rows, policies: PolicySet = POLICIES) -> list[Detected]:
    segment = Segment("acme", "a", BATCH, False, len(rows), 0, START)
    state = AgentState("acme", "a", clock=START + SECOND)
    return detect(state, policies, SegmentEvidence(segment, kind, rows, 0))


def shown(found: list[Detected]) -> list[tuple[str, str, list[int]]]:
    return [(one.finding.policy_id, one.finding.rule, [event.seq for event in one.events]) for one in found]


def test_calls_that_show_the_same_are_one_finding() -> None:
    rows = [called("shell"), called("search", "wipe"), called("mail"), called("search"), called("shell")]
    assert shown(detected(Kind.EVENT, rows)) == [
        ("tools", PolicyRule.TOOL_NOT_ALLOWED, [0, 4]),
        ("tools", PolicyRule.HIGH_RISK_ACTION, [1]),
        ("tools", PolicyRule.TOOL_NOT_ALLOWED, [2]),
    ]


@pytest.mark.parametrize(
    "row",
    [
        EventRow("ModelCall", "shell"),
        EventRow("Decision", "shell"),
        EventRow("Outcome", "shell"),
        called("shell", decision="DENY"),
        called("shell", decision="blocked"),
    ],
    ids=lambda row: f"{row.event_type}-{row.decision}",
)
def test_what_is_no_call_or_was_refused_is_no_violation(row: EventRow) -> None:
    assert detected(Kind.EVENT, [row]) == []


def test_an_agents_own_word_is_no_approval() -> None:
    assert len(detected(Kind.EVENT, [called("search", "wipe", decision="approved")])) == 1
    assert len(detected(Kind.EVENT, [called("shell", error="timeout")])) == 1


def test_spending_is_found_in_costs_and_nowhere_else() -> None:
    rows = [CostRow("tool_cost", Decimal("0.6"), "USD")] * 3
    assert shown(detected(Kind.COST, rows)) == [("cap", PolicyRule.DAILY_COST_CAP, [1])]
    assert detected(Kind.COST, rows, PolicySet(POLICIES.policies[1:])) == []
    assert detected(Kind.LOG, [LogRow("error")]) == []


def at(year: int) -> datetime:
    return datetime(year, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "occurred_at"),
    [(at(2026), "2026-01-31T12:00:00.000Z"), (None, to_rfc3339(START)), (at(1), to_rfc3339(START))],
    ids=["its-own", "none", "none-that-can-be"],
)
def test_a_violation_occurred_when_the_first_event_did(moment: datetime | None, occurred_at: str) -> None:
    rows = [EventRow("ToolCall", "shell", timestamp=moment), EventRow("ToolCall", "shell")]
    (found,) = detected(Kind.EVENT, rows)
    assert violation_of(AgentState("acme", "a"), found) == PolicyViolation(
        "acme",
        "a",
        "tool_not_allowed",
        Severity.HIGH,
        ViolationSource.DETECTED,
        "the tool 'shell' is not among the allowed tools (2 times)",
        occurred_at,
        ["00000000-0000-0000-0000-000000000007:0", "00000000-0000-0000-0000-000000000007:1"],
        policy_id="tools",
        policy_version=3,
    )


def test_of_very_many_events_the_first_are_named() -> None:
    (found,) = detected(Kind.EVENT, [called("shell")] * 500)
    violation = violation_of(AgentState("acme", "a"), found)
    assert [text.rpartition(":")[2] for text in violation.evidence] == [str(seq) for seq in range(20)]
    assert violation.description.endswith("(500 times)")
