"""Alerts of one agent: what its state says to the rules in force, and what is published of their findings."""

from alert_engine.agent_alerts import AgentAlerts
from alert_engine.conditions import Standing
from alert_engine.counters import EVIDENCE_OF
from alert_engine.looking import Look, Occurrence, look, resolve_all
from alert_engine.silencing import silencing
from alert_engine.telling import summary_of
from alert_engine.watch import Watch
from schemas.alert_rules import Metric
from schemas.derived import Alert, AlertState, OnlineStatus
from schemas.messages.values import Severity
from schemas.stamps import event_id
from schemas.timestamps import to_rfc3339
from stream_processors.rules.alert_rules import Governing
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.daily_spend import budget_share
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.levels import GOOD, UNRATED
from stream_processors.rules.outputs import Outputs, fingerprint
from stream_processors.rules.presence import awaited_since, is_excused, is_silent
from stream_processors.rules.state import AgentState

_SEVERITIES = tuple(Severity)
_TRUST = frozenset({Metric.TRUST_SCORE, Metric.TRUST_LEVEL, Metric.TRUST_LEVELS_LOST})


def alerts_of(state: AgentState, watch: Watch) -> AgentAlerts | None:
    """What rules remember of the agent; None where no rule is for it, nor was."""
    if state.alerts is None and (watch.rules or watch.membership):
        state.alerts = AgentAlerts()
    return state.alerts


def look_at_alerts(
    state: AgentState,
    model: Calibration,
    governing: Governing,
    outputs: Outputs,
    line: int,
) -> None:
    """Ask all rules at the agent's clock and publish what changed, once at most for a line of a record."""
    alerting, now = governing.alerting, state.clock
    alerts = alerts_of(state, alerting.watch)
    if alerts is None:
        return

    def silence_of(rule_id: str) -> str:
        return silencing(alerting.silences, rule_id, state.agent_id, alerting.labels, now)

    standing = _standing(state, alerts, model, governing)
    for found in look(alerts, alerting.watch, Look(now, standing, silence_of)):
        alert = alert_of(found, state.tenant_id, state.agent_id, _evidence(state, found))
        outputs.add_alert(alert, now=now, line=line)


def farewell(state: AgentState, outputs: Outputs) -> None:
    """Resolve what still fires for an agent that is about to be forgotten: nobody could do it later."""
    if state.alerts is None:
        return
    for found in resolve_all(state.alerts, state.clock):
        alert = alert_of(found, state.tenant_id, state.agent_id, _evidence(state, found))
        # Ids of their own, as the same tick may have fired what it resolves.
        outputs.add(f"farewell/{alert.rule}", alert, now=state.clock, line=0, key=alert.fingerprint)


def _standing(state: AgentState, alerts: AgentAlerts, model: Calibration, governing: Governing) -> Standing:
    policies, metrics = governing.policies, governing.alerting.watch.metrics
    presence, rank = state.presence, state.score.level.rank
    excused = is_excused(presence)
    silent = excused or is_silent(presence, model.parameters.ceilings.silence_intervals, state.clock)
    alerts.best_rank = max(alerts.best_rank, rank)
    values: dict[Metric, float | None] = {
        # An orderly stop is no alert, and one who is suspended is not offline.
        Metric.OFFLINE: float(state.status is OnlineStatus.OFFLINE and not presence.stopped_at)
    }
    if rank != UNRATED:
        values[Metric.TRUST_SCORE] = state.score.earned
        values[Metric.TRUST_LEVEL] = rank
        values[Metric.TRUST_LEVELS_LOST] = max(0, min(alerts.best_rank, GOOD) - rank)
    if policies is not None and state.spent_today is not None and Metric.BUDGET_SHARE in metrics:
        values[Metric.BUDGET_SHARE] = budget_share(state.spent_today, policies, state.clock)
    # Silence says nothing about trust.
    return Standing(values, _TRUST if silent else frozenset(), excused, awaited_since(presence))


def alert_of(found: Occurrence, tenant_id: str, agent_id: str, evidence: list[str]) -> Alert:
    """What is published of a change; `agent_id` is empty for several, `evidence` are event ids."""
    rule, reading, life = found.rule, found.reading, found.life
    return Alert(
        tenant_id=tenant_id,
        agent_id=agent_id,
        fingerprint=fingerprint(found.rule_id, tenant_id, agent_id),
        rule=found.rule_id,
        state=AlertState.RESOLVED if found.resolved else AlertState.FIRING,
        severity=_SEVERITIES[life.rank],
        summary=summary_of(found),
        started_at=to_rfc3339(life.firing_since),
        ended_at=to_rfc3339(found.at) if found.resolved else None,
        evidence=evidence,
        change=found.change,
        rule_version=0 if rule is None else rule.version,
        metric="" if rule is None else rule.terms.metric.value,
        value=reading.value,
        threshold=reading.limit,
        count=life.count,
        first_seen_at=to_rfc3339(life.met_since),
        last_seen_at=to_rfc3339(life.last_met),
        silenced_by=life.silence,
    )


def _evidence(state: AgentState, found: Occurrence) -> list[str]:
    """The ids of the events behind what was found, the newest first."""
    if found.rule is None:
        return []
    metric = found.rule.terms.metric
    if metric in _TRUST:
        return [event.event_id for event in _against(state)]
    place = EVIDENCE_OF.get(metric)
    kept = [] if place is None or state.alerts is None else state.alerts.evidence.get(place, [])
    return [event_id(batch_id, seq) for batch_id, seq in reversed(kept)]


def _against(state: AgentState) -> list[EventRef]:
    """What weighs most against the agent."""
    events = [weighed.event for weighed in state.violations.heaviest]
    for event in (state.incidents.event, state.outcomes.last_failure):
        if event is not None and event not in events:
            events.append(event)
    return events
