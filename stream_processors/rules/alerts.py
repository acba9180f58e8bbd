"""Alerts: a trust drop, a critical violation, an agent gone offline; each fires once and is resolved once.

trust_drop fires when the level falls to watch or below, and again, under the same fingerprint, when it falls
further while it fires. It is resolved when the level is back where it fell from, or at good. Levels carry the
hysteresis, so the alert needs no window of its own and does not flap. Falls of a silent or stopped agent are
not drops of trust.
"""

from typing import NamedTuple

from schemas.derived import Alert, AlertState, OnlineStatus, TrustStatus
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from stream_processors.rules.agent_status import REASON_MISSED
from stream_processors.rules.decay import MINUTE
from stream_processors.rules.evidence import EventRef
from stream_processors.rules.levels import GOOD, LEVELS, WATCH
from stream_processors.rules.outputs import fingerprint
from stream_processors.rules.state import AgentState

TRUST_DROP = "trust_drop"
CRITICAL_VIOLATION = "critical_violation"
AGENT_OFFLINE = "agent_offline"

CRITICAL_QUIET = 10 * MINUTE

# By the rank of the level fallen to: untrusted, restricted, watch.
_DROP_SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)

_SILENT = (TrustStatus.STALE, TrustStatus.STOPPED)


class _Life(NamedTuple):
    """From when to when an alert fires, in milliseconds, and the event ids that it shows."""

    started: int
    ended: int | None = None
    evidence: tuple[str, ...] = ()


def on_level_change(
    state: AgentState, before: int, status: TrustStatus, evidence: tuple[str, ...], now: int
) -> Alert | None:
    """What a change of level from rank `before` means for trust_drop; an agent's first level is no change."""
    alerts, rank = state.alerts, state.score.level.rank
    if alerts.trust_drop_since and rank >= min(alerts.fell_from, GOOD):
        return _end_trust_drop(state, now)
    worst = alerts.fell_to if alerts.trust_drop_since else before
    if rank >= worst or rank > WATCH or status in _SILENT:
        return None
    if not alerts.trust_drop_since:
        alerts.trust_drop_since, alerts.fell_from = now, before
    alerts.fell_to = rank
    summary = f"trust fell from {LEVELS[alerts.fell_from]} to {LEVELS[rank]}"
    life = _Life(alerts.trust_drop_since, evidence=evidence)
    return _alert(state, TRUST_DROP, _DROP_SEVERITIES[rank], summary, life)


def _end_trust_drop(state: AgentState, now: int) -> Alert:
    alerts = state.alerts
    life = _Life(alerts.trust_drop_since, now)
    alerts.trust_drop_since = 0
    summary = f"trust is back at {LEVELS[state.score.level.rank]}"
    return _alert(state, TRUST_DROP, _DROP_SEVERITIES[alerts.fell_to], summary, life)


def on_critical_violation(state: AgentState, rule: str, event: EventRef, now: int) -> Alert | None:
    """The first critical violation fires the alert; further ones only keep it firing."""
    if state.alerts.critical_since:
        return None
    state.alerts.critical_since = now
    life = _Life(now, evidence=(event.event_id,))
    return _alert(state, CRITICAL_VIOLATION, Severity.CRITICAL, f"critical violation of {rule}", life)


def critical_quiet_from(state: AgentState) -> int | None:
    """When the critical_violation alert will be resolved, in milliseconds; None while it does not fire."""
    last = state.violations.last_critical
    return last.at + CRITICAL_QUIET if state.alerts.critical_since and last is not None else None


def on_quiet(state: AgentState, now: int) -> Alert | None:
    """At a tick: resolve critical_violation after ten minutes without another one."""
    quiet_from = critical_quiet_from(state)
    if quiet_from is None or now < quiet_from:
        return None
    life = _Life(state.alerts.critical_since, now)
    state.alerts.critical_since = 0
    return _alert(state, CRITICAL_VIOLATION, Severity.CRITICAL, "no critical violation for 10 minutes", life)


def on_status_change(state: AgentState, status: OnlineStatus, reason: str, now: int) -> Alert | None:
    """Missed heartbeats fire agent_offline, any sign of life resolves it; an orderly stop is no alert."""
    alerts = state.alerts
    if status is OnlineStatus.OFFLINE and reason == REASON_MISSED:
        alerts.offline_since = now
        return _alert(state, AGENT_OFFLINE, Severity.MEDIUM, "three heartbeats missed", _Life(now))
    if not alerts.offline_since:
        return None
    life = _Life(alerts.offline_since, now)
    alerts.offline_since = 0
    return _alert(state, AGENT_OFFLINE, Severity.MEDIUM, "the agent is back", life)


def on_forgetting(state: AgentState, now: int) -> list[Alert]:
    """Resolve what still fires for an agent that is about to be forgotten: nobody could do it later."""
    alerts = state.alerts
    firing = (
        (TRUST_DROP, _DROP_SEVERITIES[alerts.fell_to], alerts.trust_drop_since),
        (CRITICAL_VIOLATION, Severity.CRITICAL, alerts.critical_since),
        (AGENT_OFFLINE, Severity.MEDIUM, alerts.offline_since),
    )
    return [
        _alert(state, rule, severity, "the agent has not been heard of for long", _Life(since, now))
        for rule, severity, since in firing
        if since
    ]


def _alert(state: AgentState, rule: str, severity: Severity, summary: str, life: _Life) -> Alert:
    return Alert(
        tenant_id=state.tenant_id,
        agent_id=state.agent_id,
        fingerprint=fingerprint(rule, state.tenant_id, state.agent_id),
        rule=rule,
        state=AlertState.FIRING if life.ended is None else AlertState.RESOLVED,
        severity=severity,
        summary=summary,
        started_at=to_rfc3339(life.started),
        ended_at=None if life.ended is None else to_rfc3339(life.ended),
        evidence=list(life.evidence),
    )
