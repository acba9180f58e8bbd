"""All rules for one agent, in their order: what a segment does, what a tick does, and when to look again."""

from typing import cast

from schemas.block import Kind
from schemas.derived import AgentStatus, Alert, OnlineStatus
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from stream_processors.rules import alerts
from stream_processors.rules.agent_status import next_status_check, status_at_tick, status_when_heard
from stream_processors.rules.decay import HOUR, MINUTE
from stream_processors.rules.evidence import (
    OUTCOME_CLASSES,
    EventRef,
    HeartbeatRow,
    MetricsRow,
    OutcomeRow,
    SegmentEvidence,
    ViolationRow,
)
from stream_processors.rules.levels import DWELL, UNRATED
from stream_processors.rules.outcomes import absorb_outcomes
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.policy_violations import normalised
from stream_processors.rules.presence import absorb_heartbeat, absorb_sign_of_life, silent_from
from stream_processors.rules.publication import explain, has_turn, is_news, published
from stream_processors.rules.state import AgentState
from stream_processors.rules.trust_score import Measurement, measure, settle
from stream_processors.rules.violations import absorb_violation

# How often a score is looked at again when nothing happens; less often once the agent has been away for an
# hour.
REFRESH = MINUTE
REFRESH_AWAY = HOUR
AWAY_AFTER = HOUR


def absorb_segment(state: AgentState, evidence: SegmentEvidence, outputs: Outputs) -> None:
    """Absorb one request's rows, at least one, at the agent's clock.

    Bad news is judged at once; good news waits for the next tick, which costs the same for one event as for
    many.
    """
    segment, kind, rows, line = evidence
    now = state.clock
    state.as_of = max(state.as_of, segment.received_at)
    state.pending = True
    _hear(state, evidence, outputs)
    bad_news = False
    if kind in OUTCOME_CLASSES:
        outcome_rows = cast("list[OutcomeRow]", rows)
        bad_news = absorb_outcomes(state.outcomes, now, OUTCOME_CLASSES[kind], outcome_rows, segment.batch_id)
    elif kind is Kind.VIOLATION:
        _absorb_violations(state, evidence, outputs)
        bad_news = True
    elif kind is Kind.METRICS:
        state.reported_trust = cast("list[MetricsRow]", rows)[-1].reported_trust
    if bad_news or state.score.level.rank == UNRATED:
        _settle(state, measure(state, now), line, outputs)


def absorb_tick(state: AgentState, outputs: Outputs) -> None:
    """Let time pass until the agent's clock: absence, quiet, dwell, decay, and publication."""
    _set_status(state, status_at_tick(state.presence, state.clock), 0, outputs)
    resolved = alerts.on_quiet(state, state.clock)
    if resolved is not None:
        _add_alert(state, resolved, 0, outputs)
    measurement = measure(state, state.clock)
    if _settle(state, measurement, 0, outputs):
        return
    explanation = explain(state, measurement)
    news = is_news(state, measurement, explanation)
    state.pending = news and not has_turn(state, state.clock)
    if news and not state.pending:
        score = published(state, measurement, explanation, state.clock)
        outputs.add("trust-score", score, now=state.clock, line=0)


def next_deadline(state: AgentState) -> int:
    """When a tick has something to do for the agent if nothing is heard of it before; milliseconds."""
    score, presence = state.score, state.presence
    away = bool(presence.stopped_at) or score.evaluated_at - presence.last_seen >= AWAY_AFTER
    deadline = score.evaluated_at + (REFRESH_AWAY if away else REFRESH)
    if state.status is not None and not presence.stopped_at:
        check = next_status_check(presence, state.status)
        if check is not None:
            deadline = min(deadline, check)
        silent = silent_from(presence)
        if score.evaluated_at < silent:
            deadline = min(deadline, silent)
    if score.level.dwell_since:
        deadline = min(deadline, score.level.dwell_since + DWELL)
    quiet_from = alerts.critical_quiet_from(state)
    return deadline if quiet_from is None else min(deadline, quiet_from)


def _hear(state: AgentState, evidence: SegmentEvidence, outputs: Outputs) -> None:
    if evidence.kind is Kind.HEARTBEAT:
        absorb_heartbeat(state.presence, state.clock, cast("list[HeartbeatRow]", evidence.rows)[-1].word)
    else:
        absorb_sign_of_life(state.presence, state.clock)
    _set_status(state, status_when_heard(state.presence), evidence.line, outputs)


def _set_status(state: AgentState, found: tuple[OnlineStatus, str], line: int, outputs: Outputs) -> None:
    status, reason = found
    if status is state.status:
        return
    state.status = status
    last_seen = to_rfc3339(state.presence.last_seen)
    change = AgentStatus(state.tenant_id, state.agent_id, status, reason, last_seen)
    outputs.add("agent-status", change, now=state.clock, line=line)
    alert = alerts.on_status_change(state, status, reason, state.clock)
    if alert is not None:
        _add_alert(state, alert, line, outputs)


def _absorb_violations(state: AgentState, evidence: SegmentEvidence, outputs: Outputs) -> None:
    segment, _, rows, line = evidence
    for seq, row in enumerate(cast("list[ViolationRow]", rows)):
        event = EventRef(segment.batch_id, seq)
        absorb_violation(state.violations, state.clock, row.violation_type, row.severity, event)
        found = normalised(state, row, event, segment.received_at)
        outputs.add("policy-violation", found, now=state.clock, line=line + seq)
        if row.severity is Severity.CRITICAL:
            alert = alerts.on_critical_violation(state, row.violation_type, event, state.clock)
            if alert is not None:
                _add_alert(state, alert, line + seq, outputs)


def _settle(state: AgentState, measurement: Measurement, line: int, outputs: Outputs) -> bool:
    """Move score and level to the agent's clock; a change of level is published at once and then True."""
    before = state.score.level.rank
    if not settle(state.score, measurement.score, state.clock):
        return False
    state.pending = False
    score = published(state, measurement, explain(state, measurement), state.clock)
    outputs.add("trust-score", score, now=state.clock, line=line)
    if before != UNRATED:
        evidence = tuple(event for reason in score.reasons for event in reason.events)
        alert = alerts.on_level_change(state, before, score.status, evidence, state.clock)
        if alert is not None:
            _add_alert(state, alert, line, outputs)
    return True


def _add_alert(state: AgentState, alert: Alert, line: int, outputs: Outputs) -> None:
    outputs.add(f"alert/{alert.rule}", alert, now=state.clock, line=line, key=alert.fingerprint)
