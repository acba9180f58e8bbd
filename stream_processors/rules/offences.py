"""What becomes of violations, reported or detected: they count, and they are published."""

from typing import cast

from policy_engine.policy_set import PolicySet
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.detected_violations import Detected, detect, violation_of
from stream_processors.rules.evidence import EventRef, SegmentEvidence, ViolationRow
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.policy_violations import normalised
from stream_processors.rules.state import AgentState
from stream_processors.rules.violations import absorb_violation


def absorb_reported(
    state: AgentState,
    model: Calibration,
    evidence: SegmentEvidence,
    outputs: Outputs,
) -> None:
    """Absorb the violations of a request that reports some."""
    segment, line = evidence.segment, evidence.line
    for seq, row in enumerate(cast("list[ViolationRow]", evidence.rows)):
        event = EventRef(segment.batch_id, seq)
        absorb_violation(state.violations, model, state.clock, row, event)
        found = normalised(state, row, event, segment.received_at)
        outputs.add("policy-violation", found, now=state.clock, line=line + seq)


def absorb_detected(
    state: AgentState,
    model: Calibration,
    policies: PolicySet,
    evidence: SegmentEvidence,
    outputs: Outputs,
) -> list[Detected]:
    """Absorb what policies find in a request; what that is."""
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
    return detected
