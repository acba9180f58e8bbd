"""All rules for one agent, in their order: what a segment does, what a tick does, and when to look again."""

from typing import cast
from zlib import crc32

from alert_engine.counters import CRITICALS
from alert_engine.shares import Amounts, added_since, mark_of
from policy_engine.policy_set import PolicySet
from schemas.block import Kind
from schemas.derived import AgentStatus, OnlineStatus
from schemas.timestamps import to_rfc3339
from stream_processors.rules.agent_status import next_status_check, status_at_tick, status_when_heard
from stream_processors.rules.alert_rules import BY_DEFAULT, Governing
from stream_processors.rules.alerts import alerts_of, farewell, look_at_alerts
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.conduct import absorb_conduct
from stream_processors.rules.context import Context
from stream_processors.rules.decay import HOUR, MINUTE, SECOND
from stream_processors.rules.evidence import HeartbeatRow, SegmentEvidence, ViolationRow
from stream_processors.rules.levels import UNRATED
from stream_processors.rules.offences import absorb_detected, absorb_reported
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.presence import (
    absorb_heartbeat,
    absorb_sign_of_life,
    awaited_since,
    is_excused,
    note_suspension,
    silent_from,
)
from stream_processors.rules.publication import explain, has_turn, is_news, published
from stream_processors.rules.state import AgentState
from stream_processors.rules.tallies import begin_tally, tally_detected, tally_reported
from stream_processors.rules.trust_score import Measurement, measure, settle

# How often a score is looked at again when nothing bad happens, which moves it by less than half a point;
# more often while an agent is new, less often once it has been away for an hour.
REFRESH = 2 * MINUTE
REFRESH_NEW = 30 * SECOND
NEW_FOR = MINUTE
REFRESH_AWAY = HOUR
AWAY_AFTER = HOUR

# Bad news is judged at once, unless the last judgement is this young; then at the next tick.
JUDGE_AGAIN = SECOND // 5


def absorb_segment(
    state: AgentState,
    model: Calibration,
    evidence: SegmentEvidence,
    outputs: Outputs,
    governing: Governing = BY_DEFAULT,
) -> Amounts | None:
    """Absorb one request's rows, at least one, at the agent's clock, under what holds for the agent.

    What they add to alert rules over many agents is for the caller to count.

    Bad news is judged at once; good news waits until the score is looked at again. Alert rules wait for the
    next tick, unless there is a critical violation, or the agent's status or level has changed.
    """
    segment, line = evidence.segment, evidence.line
    state.as_of = max(state.as_of, segment.received_at)
    before = state.status, state.score.level.rank
    _hear(state, evidence, outputs)
    watch = governing.alerting.watch
    alerts = alerts_of(state, watch)
    if alerts is not None:
        begin_tally(alerts, watch, state.clock, segment.lines)
    mark = None
    if alerts is not None and watch.membership:
        mark = mark_of(alerts.tally.counters, alerts.tally.money, segment.lines)
    context = Context(model, state.clock, segment.batch_id, alerts, watch)
    bad_news = _absorb_rows(state, context, evidence, outputs, governing.policies)
    added = None
    if alerts is not None and mark is not None:
        added = added_since(mark, alerts.tally.counters, alerts.tally.money)
    at_once = (
        evidence.kind is Kind.VIOLATION
        or state.score.level.rank == UNRATED
        or (bad_news and state.clock - state.score.evaluated_at >= JUDGE_AGAIN)
    )
    state.pending = state.pending or bad_news
    if at_once:
        _settle(state, model, measure(state, model, state.clock), line, outputs)
    if at_once or evidence.kind is Kind.HEARTBEAT or 0 < state.soon < state.deadline:
        # Nothing else can bring a deadline nearer without a look at the next tick.
        state.deadline = next_deadline(state, model)
    if alerts is not None:
        is_new = before[0] is None
        if is_new:
            alerts.best_rank = max(alerts.best_rank, state.score.level.rank)
        changed = not is_new and before != (state.status, state.score.level.rank)
        if changed or alerts.tally.counters[CRITICALS]:
            look_at_alerts(state, model, governing, outputs, line)
    return added


def absorb_tick(
    state: AgentState,
    model: Calibration,
    outputs: Outputs,
    governing: Governing = BY_DEFAULT,
) -> None:
    """Let time pass until the agent's clock: absence, quiet, dwell, decay, alert rules, and publication."""
    looked = state.pending or next_deadline(state, model) <= state.clock
    if looked:
        _look(state, model, outputs)
    alerts = alerts_of(state, governing.alerting.watch)
    if alerts is not None and (looked or 0 < alerts.look_at <= state.clock):
        look_at_alerts(state, model, governing, outputs, 0)
    state.deadline = next_deadline(state, model)


def absorb_suspension(
    state: AgentState,
    model: Calibration,
    outputs: Outputs,
    governing: Governing = BY_DEFAULT,
    *,
    suspended: bool,
) -> None:
    """Absorb that an operator suspends the agent, or resumes it, at the agent's clock."""
    note_suspension(state.presence, state.clock, suspended=suspended)
    state.pending = True
    absorb_tick(state, model, outputs, governing)


def take_leave(state: AgentState, outputs: Outputs) -> None:
    """Say what has to be said before an agent is forgotten."""
    farewell(state, outputs)


def next_deadline(state: AgentState, model: Calibration) -> int:
    """When a tick has to look at score and status if nothing is heard of the agent before; milliseconds."""
    score, presence = state.score, state.presence
    deadline = _refresh_at(state)
    if state.soon:
        deadline = min(deadline, state.soon)
    if state.status is not None and not is_excused(presence):
        check = next_status_check(presence, state.status)
        if check is not None:
            deadline = min(deadline, check)
        silent = silent_from(presence, model.parameters.ceilings.silence_intervals)
        if score.evaluated_at < silent:
            deadline = min(deadline, silent)
    if score.level.dwell_since:
        deadline = min(deadline, score.level.dwell_since + model.dwell)
    return deadline


def _refresh_at(state: AgentState) -> int:
    """The agent's next turn, of which there is one in each interval.

    Each agent has its own, lest those that began in one minute are all looked at in one second ever after.
    """
    interval, looked_at = _refresh(state), state.score.evaluated_at
    return looked_at + interval - (looked_at - crc32(state.agent_id.encode())) % interval


def _refresh(state: AgentState) -> int:
    presence, looked_at = state.presence, state.score.evaluated_at
    if is_excused(presence) or looked_at - awaited_since(presence) >= AWAY_AFTER:
        return REFRESH_AWAY
    return REFRESH if looked_at - presence.first_seen >= NEW_FOR else REFRESH_NEW


def _absorb_rows(
    state: AgentState,
    context: Context,
    evidence: SegmentEvidence,
    outputs: Outputs,
    policies: PolicySet | None,
) -> bool:
    """Absorb what the rows say; True when there is bad news among them."""
    model, alerts = context.model, context.alerts
    if evidence.kind is Kind.VIOLATION:
        absorb_reported(state, model, evidence, outputs)
        if alerts is not None:
            tally_reported(alerts, context, cast("list[ViolationRow]", evidence.rows))
        return True
    bad_news = absorb_conduct(state, context, evidence)
    if policies is None:
        return bad_news
    detected = absorb_detected(state, model, policies, evidence, outputs)
    if detected and alerts is not None:
        tally_detected(alerts, context, detected)
    return bad_news or bool(detected)


def _look(state: AgentState, model: Calibration, outputs: Outputs) -> None:
    _set_status(state, status_at_tick(state.presence, state.clock), 0, outputs)
    measurement = measure(state, model, state.clock)
    if _settle(state, model, measurement, 0, outputs):
        return
    explanation = explain(state, measurement)
    news = is_news(state, measurement, explanation)
    state.pending = news and not has_turn(state, state.clock)
    if news and not state.pending:
        score = published(state, model, measurement, explanation)
        outputs.add("trust-score", score, now=state.clock, line=0)


def _hear(state: AgentState, evidence: SegmentEvidence, outputs: Outputs) -> None:
    presence = state.presence
    if evidence.kind is Kind.HEARTBEAT:
        stopped_at = presence.stopped_at
        absorb_heartbeat(presence, state.clock, cast("list[HeartbeatRow]", evidence.rows)[-1].word)
        state.pending = state.pending or presence.stopped_at != stopped_at
    elif state.status is OnlineStatus.ONLINE and not presence.failing:
        # By far the most common case, and then nothing else changes.
        presence.last_seen = state.clock
        return
    else:
        absorb_sign_of_life(presence, state.clock)
    _set_status(state, status_when_heard(presence), evidence.line, outputs)


def _set_status(state: AgentState, found: tuple[OnlineStatus, str], line: int, outputs: Outputs) -> None:
    status, reason = found
    if status is state.status:
        return
    state.status = status
    state.pending = True
    last_seen = to_rfc3339(state.presence.last_seen)
    change = AgentStatus(state.tenant_id, state.agent_id, status, reason, last_seen)
    outputs.add("agent-status", change, now=state.clock, line=line)


def _settle(
    state: AgentState, model: Calibration, measurement: Measurement, line: int, outputs: Outputs
) -> bool:
    """Move score and level to the agent's clock; a change of level is published at once and then True."""
    state.soon = 0
    if not settle(state.score, model, measurement, state.clock):
        return False
    state.pending = False
    score = published(state, model, measurement, explain(state, measurement))
    outputs.add("trust-score", score, now=state.clock, line=line)
    return True
