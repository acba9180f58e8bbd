"""What rows that are no violations say of an agent's conduct, by their kind."""

from collections.abc import Callable
from typing import cast

from schemas.block import Kind
from stream_processors.rules.context import Context
from stream_processors.rules.decay import SECOND
from stream_processors.rules.decisions import DecisionState, absorb_decisions
from stream_processors.rules.evidence import (
    CostRow,
    EventRow,
    HeartbeatRow,
    LogRow,
    MetricsRow,
    Rows,
    SegmentEvidence,
)
from stream_processors.rules.incidents import absorb_sequence
from stream_processors.rules.judging import (
    HEARTBEAT_CLASS,
    LOG_CLASS,
    Judged,
    judge_events,
    judge_words,
)
from stream_processors.rules.latency import LatencyState, absorb_latencies
from stream_processors.rules.outcomes import absorb_outcomes
from stream_processors.rules.spending import SpendingState, absorb_costs
from stream_processors.rules.state import AgentState
from stream_processors.rules.tallies import tally_costs, tally_events, tally_logs
from stream_processors.rules.veracity import VeracityState, absorb_verdicts

# So long it may take until too many slow calls, or too much that is spent, show in the score.
_SOON = 30 * SECOND

Absorb = Callable[[AgentState, Context, Rows], bool]


def absorb_conduct(state: AgentState, context: Context, evidence: SegmentEvidence) -> bool:
    """Absorb one request's rows at the agent's clock; True when there is bad news among them."""
    absorb = _BY_KIND.get(evidence.kind)
    if absorb is None:
        return False
    return absorb(state, context, evidence.rows)


def _absorb_logs(state: AgentState, context: Context, rows: Rows) -> bool:
    logs = cast("list[LogRow]", rows)
    bad_news = _absorb_judged(state, context, judge_words(logs, context.model, LOG_CLASS))
    if bad_news and context.alerts is not None:
        tally_logs(context.alerts, context, logs)
    return bad_news


def _absorb_heartbeats(state: AgentState, context: Context, rows: Rows) -> bool:
    beats = cast("list[HeartbeatRow]", rows)
    return _absorb_judged(state, context, judge_words(beats, context.model, HEARTBEAT_CLASS))


def _absorb_metrics(state: AgentState, _: Context, rows: Rows) -> bool:
    state.reported_trust = cast("list[MetricsRow]", rows)[-1].reported_trust
    return False


def _absorb_costs(state: AgentState, context: Context, rows: Rows) -> bool:
    if state.spending is None:
        state.spending = SpendingState()
    absorb_costs(state.spending, context, cast("list[CostRow]", rows))
    _look_soon(state, context)
    if context.alerts is not None:
        tally_costs(context.alerts, context, cast("list[CostRow]", rows))
    return False


def _absorb_events(state: AgentState, context: Context, rows: Rows) -> bool:
    if state.veracity is None:
        state.veracity = VeracityState()
    found = judge_events(cast("list[EventRow]", rows), context.model, state.veracity)
    if found.met:
        absorb_verdicts(state.veracity, context, found.met)
    if found.timed:
        if state.latency is None:
            state.latency = LatencyState()
        if absorb_latencies(state.latency, context, found.timed):
            _look_soon(state, context)
    bad_news = _absorb_judged(state, context, found.judged)
    if context.alerts is not None:
        tally_events(context.alerts, context, found, bad=bad_news)
    if found.decided:
        if state.decisions is None:
            state.decisions = DecisionState()
        bad_news |= absorb_decisions(state.decisions, context, found.decided)
    return bad_news


def _absorb_judged(state: AgentState, context: Context, judged: list[Judged]) -> bool:
    if not judged:
        return False
    weighed = absorb_outcomes(state.outcomes, context, judged)
    return absorb_sequence(state.incidents, context, judged, weighed)


def _look_soon(state: AgentState, context: Context) -> None:
    """What came is no bad news by itself, but may be too much of it."""
    if not state.soon:
        state.soon = context.clock + _SOON


_BY_KIND: dict[Kind, Absorb] = {
    Kind.LOG: _absorb_logs,
    Kind.HEARTBEAT: _absorb_heartbeats,
    Kind.METRICS: _absorb_metrics,
    Kind.EVENT: _absorb_events,
    Kind.COST: _absorb_costs,
}
