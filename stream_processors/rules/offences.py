"""What becomes of violations, reported or detected: they count, they are published, and they alert."""

from typing import cast

from policy_engine.policy_set import PolicySet
from schemas.messages.values import Severity
from stream_processors.rules import alerts
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.detected_violations import detect, violation_of
from stream_processors.rules.evidence import EventRef, SegmentEvidence, ViolationRow
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.policy_violations import normalised
from stream_processors.rules.state import AgentState
from stream_processors.rules.violations import absorb_violation


def absorb_reported(
    state: AgentState, model: Calibration, evidence: SegmentEvidence, outputs: Outputs
) -> None:
    """Absorb the violations of a request that reports some."""
    segment, line = evidence.segment, evidence.line
    for seq, row in enumerate(cast("list[ViolationRow]", evidence.rows)):
        event = EventRef(segment.batch_id, seq)
        absorb_violation(state.violations, model, state.clock, row, event)
        found = normalised(state, row, event, segment.received_at)
        outputs.add("policy-violation", found, now=state.clock, line=line + seq)
        _alert_if_critical(state, row, event, line + seq, outputs)


def absorb_detected(
    state: AgentState,
    model: Calibration,
    policies: PolicySet,
    evidence: SegmentEvidence,
    outputs: Outputs,
) -> bool:
    """Absorb what policies find in a request; True when they find anything."""
    detected = detect(state, policies, evidence)
    for found in detected:
        finding, first = found.finding, found.events[0]
        row = ViolationRow(finding.rule, finding.severity)
        for event in found.events:
            absorb_violation(state.violations, model, state.clock, row, event)
        line = evidence.line + first.seq
        # A policy finds a rule broken once in a line.
        rule = f"detected-violation/{finding.policy_id}/{finding.rule}"
        outputs.add(rule, violation_of(state, found), now=state.clock, line=line)
        _alert_if_critical(state, row, first, line, outputs)
    return bool(detected)


def _alert_if_critical(
    state: AgentState, row: ViolationRow, event: EventRef, line: int, outputs: Outputs
) -> None:
    if row.severity is not Severity.CRITICAL:
        return
    alert = alerts.on_critical_violation(state, row.violation_type, event, state.clock)
    if alert is not None:
        outputs.add_alert(alert, now=state.clock, line=line)
