"""Violations found in what agents report: calls that a policy does not allow, and spending beyond its cap.

One request gives one violation for each finding, however many of its events show it: an agent in a loop shall
not turn each of its events into one of ours. For trust each event counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from policy_engine.findings import Finding
from policy_engine.policy_set import PolicySet
from schemas.block import Kind
from schemas.derived import PolicyViolation, ViolationSource
from schemas.messages.event import EventType
from schemas.timestamps import to_rfc3339
from stream_processors.rules.daily_spend import DailySpend, exceeded_caps
from stream_processors.rules.decisions import decision_of
from stream_processors.rules.evidence import (
    CostRow,
    EventRef,
    EventRow,
    SegmentEvidence,
    epoch_ms,
    is_storable,
)
from stream_processors.rules.state import AgentState

_TOOL_CALL = EventType.TOOL_CALL.value
_MOST_EVIDENCE = 20


@dataclass(slots=True)
class Detected:
    """A finding, the events of one request that show it, one at least, and when the first of them was."""

    finding: Finding
    events: list[EventRef]
    occurred_at: int


def detect(state: AgentState, policies: PolicySet, evidence: SegmentEvidence) -> list[Detected]:
    """What policies find in a request, in the order of its rows; what is spent is added up in the state."""
    segment = evidence.segment
    found: dict[Finding, Detected] = {}
    for seq, finding in _findings(state, policies, evidence):
        event = EventRef(segment.batch_id, seq)
        known = found.get(finding)
        if known is None:
            moment = cast("list[EventRow | CostRow]", evidence.rows)[seq].timestamp
            found[finding] = Detected(finding, [event], _occurred_at(moment, segment.received_at))
        else:
            known.events.append(event)
    return list(found.values())


def violation_of(state: AgentState, detected: Detected) -> PolicyViolation:
    """What is published of it; of very many events only the first are named."""
    finding, events = detected.finding, detected.events
    times = f" ({len(events)} times)" if len(events) > 1 else ""
    return PolicyViolation(
        tenant_id=state.tenant_id,
        agent_id=state.agent_id,
        rule=finding.rule,
        severity=finding.severity,
        source=ViolationSource.DETECTED,
        description=finding.explanation + times,
        occurred_at=to_rfc3339(detected.occurred_at),
        evidence=[event.event_id for event in events[:_MOST_EVIDENCE]],
        policy_id=finding.policy_id,
        policy_version=finding.policy_version,
    )


def _findings(
    state: AgentState, policies: PolicySet, evidence: SegmentEvidence
) -> Iterator[tuple[int, Finding]]:
    """What is found, each with its row's place."""
    if evidence.kind is Kind.EVENT:
        yield from _forbidden_calls(policies, cast("list[EventRow]", evidence.rows))
    elif evidence.kind is Kind.COST and policies.capped_currencies:
        if state.spent_today is None:
            state.spent_today = DailySpend()
        rows = cast("list[CostRow]", evidence.rows)
        yield from exceeded_caps(state.spent_today, policies, state.clock, rows)


def _forbidden_calls(policies: PolicySet, rows: Sequence[EventRow]) -> Iterator[tuple[int, Finding]]:
    for seq, row in enumerate(rows):
        # Of a call that was refused nothing came: there policy was kept.
        if row.event_type == _TOOL_CALL and not (row.decision and decision_of(row) is False):
            for finding in policies.findings_of_call(row.tool_name, row.action):
                yield seq, finding


def _occurred_at(moment: datetime | None, received_at: int) -> int:
    """What has no time, or none that can be written down, happened when it came in."""
    milliseconds = received_at if moment is None else epoch_ms(moment)
    return milliseconds if is_storable(milliseconds) else received_at
